"""The loss curve of reformer-pytorch on given masked sequences, in their order: the peer of bench_learn.sh.

Reads lines of `shard-cat -f jsonl` (kind masked) from standard input, trains one pass over them and writes
a log.tsv with the columns that rf-plot reads.  Axial positions, AdamW (betas 0.9, 0.98; decay on matrices),
gradients clipped to 1, learning rate up over the warm-up and linearly down to 0: as rf-train has it.

Needs torch and reformer-pytorch 1.4.4.
Run: shard-cat -f jsonl masked.rfs | python3 peer_learn.py --vocab 8000 --log log.tsv
"""
import argparse
import json
import sys
import time

import torch
import torch.nn.functional as F
from reformer_pytorch import ReformerLM

IGNORE = -100


def options():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("vocab", 8000), ("dim", 256), ("depth", 4), ("heads", 4), ("len", 512), ("batch", 8),
                          ("hashes", 4), ("bucket", 64), ("warmup", 50), ("threads", 2), ("every", 10)):
        p.add_argument(f"--{name}", type=int, default=default)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--decay", type=float, default=0.01)
    p.add_argument("--log", required=True)
    return p.parse_args()


def batches(o):
    """Whole batches of ids, labels and which positions are real."""
    records = [json.loads(line) for line in sys.stdin]
    for at in range(0, len(records) - o.batch + 1, o.batch):
        ids = torch.zeros(o.batch, o.len, dtype=torch.long)
        labels = torch.full((o.batch, o.len), IGNORE)
        real = torch.zeros(o.batch, o.len, dtype=torch.bool)
        for row, record in enumerate(records[at:at + o.batch]):
            n = len(record["ids"])
            ids[row, :n] = torch.tensor(record["ids"])
            real[row, :n] = True
            labels[row, record["positions"]] = torch.tensor(record["labels"])
        yield ids, labels, real


def main():
    o = options()
    torch.manual_seed(1)
    torch.set_num_threads(o.threads)
    model = ReformerLM(num_tokens=o.vocab, dim=o.dim, depth=o.depth, max_seq_len=o.len, heads=o.heads,
                       dim_head=o.dim // o.heads, bucket_size=o.bucket, n_hashes=o.hashes, ff_chunks=1,
                       axial_position_emb=True).train()
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    optimiser = torch.optim.AdamW([{"params": matrices, "weight_decay": o.decay},
                                   {"params": vectors, "weight_decay": 0.0}], lr=o.lr, betas=(0.9, 0.98), eps=1e-8)
    data = list(batches(o))
    log = open(o.log, "w")
    print("step", "tokens", "seconds", "loss", "lr", "eval_loss", "unigram_loss", sep="\t", file=log)
    tokens, start, window = 0, time.perf_counter(), []
    for step, (ids, labels, real) in enumerate(data, 1):
        rate = o.lr * (step / o.warmup if step <= o.warmup else (len(data) + 1 - step) / (len(data) + 1 - o.warmup))
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = F.cross_entropy(model(ids, input_mask=real).flatten(0, 1), labels.flatten(), ignore_index=IGNORE)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        tokens += int(real.sum())
        window.append(loss.item())
        if step % o.every == 0 or step == len(data):
            print(step, tokens, f"{time.perf_counter() - start:.1f}", f"{sum(window) / len(window):.6f}", f"{rate:.6g}",
                  "-", "-", sep="\t", file=log, flush=True)
            window = []


if __name__ == "__main__":
    main()
