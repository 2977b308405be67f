"""Training speed of the models our trainer is measured against: reformer-pytorch's, or BERT and GPT-2 of transformers,
which attend to every token (sdpa).

A step is forward, cross entropy (over 15 % of the positions, or with --causal, as in GPT-2, the next token at each),
backward and AdamW on random ids, without dropout.  A short step runs uncounted first.
Prints one line: tokens_per_s=... peak_mb=... loss=... (peak resident MiB).

Needs torch, and reformer-pytorch 1.4.4 or 1.1.3 with the packages it wants, or transformers.
Run: python3 peer_train.py reformer-pytorch --dim 512 --depth 6 --len 512 --batch 8
"""
import argparse
import contextlib
import inspect
import resource
import time

import peer_models
import torch
import torch.nn.functional as F

IGNORE = -100
LABELLED = 0.15


def options():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0],
                                formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    p.add_argument("model", choices=("reformer-pytorch", "bert", "gpt2"))
    for name, default, text in (("dim", 512, "model width"),
                                ("depth", 6, "layers"),
                                ("heads", 8, "attention heads"),
                                ("len", 512, "tokens a sequence, a multiple of twice the bucket"),
                                ("batch", 8, "sequences a step"),
                                ("hashes", 4, "hash rounds"),
                                ("bucket", 64, "bucket size"),
                                ("vocab", 22000, "vocabulary"),
                                ("steps", 5, "counted steps"),
                                ("threads", 1, "threads")):
        p.add_argument(f"--{name}", type=int, default=default, help=text)
    p.add_argument("--ff-chunks", type=int, choices=(100, 1), default=100,
                   help="pieces of the feed-forward: 100 is the library's default, 1 is faster")
    p.add_argument("--causal", action="store_true", help="autoregressive: predict the next token")
    p.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where it computes")
    p.add_argument("--bf16", action="store_true", help="forward under bfloat16 autocast")
    o = p.parse_args()
    if o.len % (2 * o.bucket):
        p.error("--len must be a multiple of twice --bucket")
    o.causal = o.causal or o.model == "gpt2"
    if o.steps < 1:
        p.error("--steps must be at least 1")
    return o


def new_reformer(o):
    """With axial positions in either version, so that both of ours and theirs have them."""
    from reformer_pytorch import ReformerLM
    axial = {"axial_position_emb": True} if "axial_position_emb" in inspect.signature(ReformerLM).parameters else {}
    return ReformerLM(num_tokens=o.vocab, dim=o.dim, depth=o.depth, max_seq_len=o.len, heads=o.heads,
                      dim_head=o.dim // o.heads, bucket_size=o.bucket, n_hashes=o.hashes,
                      ff_chunks=o.ff_chunks, causal=o.causal, **axial)


def build(o):
    if o.model == "reformer-pytorch":
        model = new_reformer(o)
    elif o.model == "bert":
        model = peer_models.bert(o, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    else:
        model = peer_models.gpt2(o, use_cache=False)
    return model.train().to(o.device)


def batch(o, length):
    """Ids, and what is to be predicted at each position."""
    ids = torch.randint(o.vocab, (o.batch, length), device=o.device)
    if o.causal:
        return ids, F.pad(ids[:, 1:], (0, 1), value=IGNORE)
    return ids, ids.masked_fill(torch.rand(ids.shape, device=o.device) >= LABELLED, IGNORE)


def main():
    o = options()
    torch.manual_seed(1)
    torch.set_num_threads(o.threads)
    model = build(o)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4)

    def step(length):
        ids, labels = batch(o, length)
        with torch.autocast(o.device, torch.bfloat16) if o.bf16 else contextlib.nullcontext():
            logits = model(ids) if o.model == "reformer-pytorch" else model(ids).logits
        loss = F.cross_entropy(logits.float().flatten(0, 1), labels.flatten(), ignore_index=IGNORE)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item()

    step(min(o.len, 8 * o.bucket))
    start = time.perf_counter()
    for _ in range(o.steps):
        loss = step(o.len)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"tokens_per_s={o.steps * o.batch * o.len / seconds:.1f} peak_mb={peak:.0f} loss={loss:.3f}")


if __name__ == "__main__":
    main()
