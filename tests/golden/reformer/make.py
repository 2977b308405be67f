"""Golden numbers of reformer-pytorch 1.1.3: one safetensors file a case, written beside this script.

Run: python3 make.py
Made with Python 3.11, torch 2.5.1, reformer-pytorch 1.1.3, axial-positional-embedding 0.2.1,
local-attention 1.0.2, product-key-memory 0.1.10, safetensors 0.8.0, numpy 2.4.6.

The reference draws its hash rotations anew in every call.  Here they are drawn once, stored, and
handed to the forward and to the recomputing backward alike.  Everything given (weights, rotations,
inputs) is a float32 number; everything computed is computed in float64 and stored as float32.
README lists the files and the names inside them.
"""
import json
import pathlib
from importlib.metadata import version
from types import SimpleNamespace
from unittest import mock

import torch
import torch.nn.functional as F
from reformer_pytorch import LSHAttention, ReformerLM
from safetensors.torch import save

HERE = pathlib.Path(__file__).resolve().parent
PINNED = {"reformer-pytorch": "1.1.3", "axial-positional-embedding": "0.2.1",
          "local-attention": "1.0.2", "product-key-memory": "0.1.10"}
DIM, HEADS, VOCAB, BUCKET = 32, 2, 40, 8
IGNORE = -100           # label of a position that carries no loss
MIN_GAP = 1e-4          # best minus second best hash value, relative to |q|: no rounding flips an id


class Tie(Exception):
    """Two hash values lie too close; the case is drawn again with another seed."""


# ---- rotations: ours in, ids out -----------------------------------------------------------------

reference_hash = LSHAttention.hash_vectors


def hash_vectors(self, n_buckets, vecs, **how):
    """LSHAttention.hash_vectors with self.rotations (e, R, nb/2) in place of its torch.randn."""
    def given(shape, dtype, device):
        assert tuple(shape) == (1, *self.rotations.shape)
        return self.rotations[None].to(dtype)

    with mock.patch.object(torch, "randn", given):
        ids = reference_hash(self, n_buckets, vecs, **how)

    values = torch.einsum("btf,fhi->bhti", vecs.detach(), self.rotations.to(vecs.dtype))
    best = torch.cat([values, -values], dim=-1).topk(2, dim=-1).values
    gap = (best[..., 0] - best[..., 1]) / vecs.detach().norm(dim=-1)[:, None, :]
    if gap.min() < MIN_GAP:
        raise Tie
    rounds = torch.arange(self.n_hashes)[None, :, None]
    self.buckets = ids.view(len(vecs), self.n_hashes, -1) - rounds * n_buckets
    return ids


# ---- whole models --------------------------------------------------------------------------------

def build(cfg):
    """A ReformerLM in float64 whose every parameter matters and is a float32 number."""
    model = ReformerLM(num_tokens=VOCAB, dim=DIM, depth=cfg.depth, max_seq_len=cfg.max_len,
                       heads=HEADS, bucket_size=BUCKET, n_hashes=cfg.n_hashes, ff_chunks=1,
                       causal=cfg.causal)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "norm" in name:
                p.add_(0.2 * torch.randn_like(p))
            elif name.endswith("bias"):
                p.copy_(0.1 * torch.randn_like(p))
            elif "toqk" in name:                # long queries: attention far from uniform
                p.mul_(4)
            elif "tov" in name or "to_out" in name:
                p.mul_(2)
    for lsh in lsh_layers(model):
        lsh.rotations = torch.randn(DIM // HEADS, cfg.n_hashes, cfg.length // BUCKET // 2)
    return model.double().train()               # training mode keeps the ids for the backward


def blocks(model):
    """(attention branch, feed-forward branch) of every layer, norm included."""
    return [(b.f.net, b.g.net) for b in model.reformer.layers.blocks]


def lsh_layers(model):
    return [attn.fn.lsh_attn for attn, _ in blocks(model)]


def parameters(model):
    """Our name -> (parameter of the reference, shape in the file)."""
    table = {"token.weight": model.token_emb.weight,
             "pos.axial0.weight": model.pos_emb.weights_0,
             "pos.axial1.weight": model.pos_emb.weights_1,
             "head.weight": model.out[1].weight,
             "head.bias": model.out[1].bias}
    for k, (attn, ff) in enumerate(blocks(model)):
        lsh, mlp = attn.fn, ff.fn.fn            # ff.fn is the chunking wrapper
        table |= {f"layer.{k}.attn.norm.weight": attn.norm.weight,
                  f"layer.{k}.attn.norm.bias": attn.norm.bias,
                  f"layer.{k}.attn.qk.weight": lsh.toqk.weight,
                  f"layer.{k}.attn.v.weight": lsh.tov.weight,
                  f"layer.{k}.attn.out.weight": lsh.to_out.weight,
                  f"layer.{k}.attn.out.bias": lsh.to_out.bias,
                  f"layer.{k}.ff.norm.weight": ff.norm.weight,
                  f"layer.{k}.ff.norm.bias": ff.norm.bias,
                  f"layer.{k}.ff.in.weight": mlp.w1.weight,
                  f"layer.{k}.ff.in.bias": mlp.w1.bias,
                  f"layer.{k}.ff.out.weight": mlp.w2.weight,
                  f"layer.{k}.ff.out.bias": mlp.w2.bias}
    assert len(table) == len(list(model.parameters()))
    return {name: (p, (-1, DIM) if "axial" in name else p.shape) for name, p in table.items()}


def inputs(cfg):
    """ids, labels and mask (None where there is none).  Id 0 stands at masked positions only."""
    shape = cfg.batch, cfg.length
    ids = torch.randint(1, VOCAB, shape)
    labels = torch.full(shape, IGNORE)
    mask = None
    if cfg.pads:
        mask = torch.ones(shape, dtype=torch.bool)
        mask[-1, -cfg.pads:] = False
        ids[~mask] = 0
    if cfg.causal:
        labels[:, :-1] = ids[:, 1:]
    else:
        open_to = torch.ones(shape, dtype=torch.bool) if mask is None else mask
        places = open_to.flatten().nonzero()[:, 0]
        places = places[torch.randperm(len(places))][:max(12, round(0.15 * len(places)))]
        labels.view(-1)[places] = torch.randint(1, VOCAB, places.shape)
    return ids, labels, mask


def run(model, ids, labels, mask):
    """One forward and backward: hidden, logits, loss, ids of each layer, gradients by our names."""
    hidden = []
    hook = model.reformer.register_forward_hook(lambda module, args, out: hidden.append(out))
    model.zero_grad()
    logits = model(ids) if mask is None else model(ids, input_mask=mask)
    hook.remove()
    buckets = [lsh.buckets for lsh in lsh_layers(model)]
    loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORE)
    loss.backward()
    grads = {name: p.grad.clone() for name, (p, _) in parameters(model).items()}
    return SimpleNamespace(hidden=hidden[0], logits=logits, loss=loss, buckets=buckets, grads=grads)


def check(model, batch, got):
    """The reversible backward must agree with plain backpropagation through the same layers."""
    layers = model.reformer.layers
    layers.reverse_thres = batch[0].shape[1]    # at or below it the reference keeps the graph
    plain = run(model, *batch)
    layers.reverse_thres = 0
    for name, g in got.grads.items():
        assert torch.allclose(g, plain.grads[name], rtol=1e-9, atol=1e-12), name
        assert g.abs().max() > 1e-6, name


def model_case(cfg):
    model = build(cfg)
    ids, labels, mask = batch = inputs(cfg)
    got = run(model, *batch)
    check(model, batch, got)

    file = {"in.ids": ids.int(), "in.labels": labels.int(), "out.hidden": got.hidden,
            "out.logits": got.logits, "out.loss": got.loss.view(1)}
    if mask is not None:
        file["in.mask"] = mask.to(torch.uint8)
    for name, (p, shape) in parameters(model).items():
        file["w." + name] = p.reshape(shape)
        file["g." + name] = got.grads[name].reshape(shape)
    for k, lsh in enumerate(lsh_layers(model)):
        file[f"rot.{k}"] = lsh.rotations
        file[f"out.buckets.{k}"] = got.buckets[k].int()
    about = {"dim": DIM, "depth": cfg.depth, "heads": HEADS, "bucket_size": BUCKET,
             "n_hashes": cfg.n_hashes, "vocab": VOCAB, "max_len": cfg.max_len,
             "axial0": cfg.max_len // BUCKET, "axial1": BUCKET, "causal": int(cfg.causal)}
    return file, about


# ---- attention alone -----------------------------------------------------------------------------

def attn_case(cfg):
    """LSHAttention with its defaults: duplicates count, keys of other buckets are seen."""
    shape = cfg.rows, cfg.length, cfg.head_dim
    qk, v, dout = 4 * torch.randn(shape), torch.randn(shape), torch.randn(shape)
    rot = torch.randn(cfg.head_dim, cfg.n_hashes, cfg.length // BUCKET // 2)
    file = {"qk": qk, "v": v, "dout": dout, "rot": rot}
    for kind in "full", "causal":
        lsh = LSHAttention(bucket_size=BUCKET, n_hashes=cfg.n_hashes, causal=kind == "causal")
        lsh.rotations = rot
        leaves = [x.double().requires_grad_() for x in (qk, v)]
        out, _, _ = lsh(*leaves)
        dqk, dv = torch.autograd.grad(out, leaves, dout.double())
        file |= {"buckets": lsh.buckets.int(), f"out.{kind}": out, f"dqk.{kind}": dqk,
                 f"dv.{kind}": dv}
    about = {"rows": cfg.rows, "len": cfg.length, "head_dim": cfg.head_dim,
             "bucket_size": BUCKET, "n_hashes": cfg.n_hashes}
    return file, about


# ---- the cases -----------------------------------------------------------------------------------

def lm(depth=2, batch=2, length=64, n_hashes=2, causal=False, pads=0):
    return SimpleNamespace(make=model_case, depth=depth, batch=batch, length=length,
                           max_len=length, n_hashes=n_hashes, causal=causal, pads=pads)


CASES = {
    "mlm": lm(),
    "mlm-pad": lm(depth=1, pads=21),            # one layer keeps all files together below 900 KB
    "causal": lm(n_hashes=3, causal=True),
    "mlm-r1": lm(depth=1, batch=1, length=32, n_hashes=1),
    "attn": SimpleNamespace(make=attn_case, rows=3, length=48, head_dim=16, n_hashes=4),
}


def stable(blob):
    """The same safetensors bytes with the metadata sorted: the library's order changes every run."""
    end = 8 + int.from_bytes(blob[:8], "little")
    header = json.loads(blob[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    return blob[:8] + json.dumps(header, separators=(",", ":")).encode().ljust(end - 8) + blob[end:]


def write(name, cfg):
    """Draw the case until no hash value ties, then store it."""
    for seed in range(1, 100):
        torch.manual_seed(seed)
        try:
            file, about = cfg.make(cfg)
            break
        except Tie:
            continue
    else:
        raise SystemExit(f"{name}: no seed without a tie")
    file = {k: (x.detach().float() if x.is_floating_point() else x).contiguous()
            for k, x in file.items()}
    assert all(torch.isfinite(x).all() for x in file.values())
    about |= {"source": f"reformer-pytorch {PINNED['reformer-pytorch']}", "seed": seed}
    path = HERE / f"{name}.safetensors"
    path.write_bytes(stable(save(file, {k: str(x) for k, x in about.items()})))
    print(f"{path.name}: {len(file)} tensors, {path.stat().st_size} bytes, seed {seed}")


def main():
    for package, want in PINNED.items():
        assert version(package) == want, f"{package} {version(package)}, want {want}"
    torch.set_num_threads(1)
    with mock.patch.object(LSHAttention, "hash_vectors", hash_vectors):
        for name, cfg in CASES.items():
            write(name, cfg)


if __name__ == "__main__":
    main()
