"""A ReformerLM's state_dict as safetensors, and the logits that it gives: state113.safetensors
where reformer-pytorch 1.1.3 is installed, state144.safetensors where 1.4.4 is.

Run: python3 make_state.py
Made with Python 3.11, torch 2.5.1, safetensors 0.8.0 and the versions that make_models.py names.

The state_dict is as torch saves it: blocks and irrev_blocks, frequencies, every shape its own.
Beside it stand "in.ids", "rot.K" and "out.logits" (float64, stored as float32) in stateNNN-out.
"""
from unittest import mock

import torch
from make_models import HERE, OLD, LSHAttention, case, build, hash_vectors, rotations, stable
from reformer_pytorch import Autopadder
from safetensors.torch import save

CASE = (case({}, {"twin_attention": True, "num_mem_kv": 2, "one_value_head": True,
                  "use_scale_norm": True, "emb_dim": 12, "ff_glu": True}, batch=1, length=19)
        if OLD else
        case({}, {"pkm_layers": (2,), "pkm_num_keys": 6, "num_mem_kv": 2, "use_rezero": True,
                  "weight_tie_embedding": True, "causal": True}, length=19))


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    model = build(CASE, 1)
    rot = rotations(model, CASE)
    ids = torch.randint(1, 20, (CASE.batch, CASE.length))
    with mock.patch.object(LSHAttention, "hash_vectors", hash_vectors), torch.no_grad():
        logits = Autopadder(model.eval())(ids)
    name = "state113" if OLD else "state144"
    state = {k: v.detach().float().clone() for k, v in model.state_dict().items()}
    (HERE / f"{name}.safetensors").write_bytes(stable(save(state, {"format": "pt"})))
    out = {"in.ids": ids.int(), "out.logits": logits.float()}
    out |= {f"rot.{k}": r.clone() for k, r in enumerate(rot)}
    (HERE / f"{name}-out.safetensors").write_bytes(stable(save(out, {"format": "pt"})))


if __name__ == "__main__":
    main()
