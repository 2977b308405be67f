"""Training speed of reformer-pytorch, the peer our trainer is measured against.

A step is forward, cross entropy over 15 % of the positions, backward and AdamW on random ids.
One step runs uncounted first.  Prints one line: tokens_per_s=... peak_mb=... (peak resident MiB).

Needs torch, reformer-pytorch 1.1.3, axial-positional-embedding 0.2.1, local-attention 1.0.2 and
product-key-memory 0.1.10.  Run: python3 peer_reformer.py --dim 512 --depth 6 --len 512 --batch 8
"""
import argparse
import resource
import time

import torch
import torch.nn.functional as F
from reformer_pytorch import ReformerLM

IGNORE = -100
LABELLED = 0.15


def options():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0],
                                formatter_class=argparse.ArgumentDefaultsHelpFormatter)
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
    o = p.parse_args()
    if o.len % (2 * o.bucket):
        p.error("--len must be a multiple of twice --bucket")
    if o.steps < 1:
        p.error("--steps must be at least 1")
    return o


def main():
    o = options()
    torch.manual_seed(1)
    torch.set_num_threads(o.threads)
    model = ReformerLM(num_tokens=o.vocab, dim=o.dim, depth=o.depth, max_seq_len=o.len,
                       heads=o.heads, bucket_size=o.bucket, n_hashes=o.hashes,
                       ff_chunks=o.ff_chunks, causal=False).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4)

    def step():
        ids = torch.randint(o.vocab, (o.batch, o.len))
        labels = ids.masked_fill(torch.rand(ids.shape) >= LABELLED, IGNORE)
        logits = model(ids)
        loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORE)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    step()
    start = time.perf_counter()
    for _ in range(o.steps):
        step()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"tokens_per_s={o.steps * o.batch * o.len / seconds:.1f} peak_mb={peak:.0f}")


if __name__ == "__main__":
    main()
