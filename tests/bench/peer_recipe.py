"""Masked or causal language models of transformers, or reformer-pytorch's, trained for so many seconds or steps: the peers
of bench_recipe.sh and bench_korquad.sh.

Reads lines of `shard-cat -f jsonl`: sequences to train on (--train), and what to evaluate on (--eval: kind masked for
bert, modernbert and reformer, sequences for gpt2).  AdamW with decay on matrices; the learning rate rises for a twentieth of the
time and falls linearly to 0 with the rest.  Masks are drawn anew for each batch: four fifths [MASK], a tenth another
token.  Products are of bfloat16 (autocast) unless --fp32 is given.  Writes a log.tsv with the columns that rf-plot
reads; the last row has the loss on --eval.  --save keeps the options and the weights for peer_korquad.py.

Needs torch, and transformers 4.48 or later, or reformer-pytorch 1.4.4.
Run: python3 peer_recipe.py bert --train train.jsonl --eval masked.jsonl --vocab 16000 --seconds 60 --log log.tsv
"""
import argparse
import contextlib
import json
import time

import peer_models
import torch
import torch.nn.functional as F

IGNORE = -100
PAD, MASK, SPECIAL = 0, 4, 5


def options():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("model", choices=("bert", "modernbert", "gpt2", "reformer"))
    for name, default in (("vocab", 16000), ("dim", 256), ("depth", 6), ("heads", 4), ("len", 512), ("batch", 16),
                          ("seconds", 60), ("threads", 2), ("every", 20), ("seed", 1)):
        p.add_argument(f"--{name}", type=int, default=default)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--decay", type=float, default=0.01)
    p.add_argument("--mask-rate", type=float, default=0.15)
    p.add_argument("--fp32", action="store_true")
    p.add_argument("--steps", type=int, help="so many updates instead of --seconds")
    p.add_argument("--save")
    for name in ("train", "eval", "log"):
        p.add_argument(f"--{name}", required=True)
    return p.parse_args()


def new_model(o):
    if o.model == "reformer":
        from reformer_pytorch import ReformerLM
        model = ReformerLM(num_tokens=o.vocab, dim=o.dim, depth=o.depth, heads=o.heads, max_seq_len=o.len, bucket_size=64,
                           n_hashes=2, ff_chunks=1)
        model.head, model.out = model.out, torch.nn.Identity()
        return model
    if o.model == "bert":
        return peer_models.bert(o, pad_token_id=PAD)
    if o.model == "gpt2":
        return peer_models.gpt2(o, bos_token_id=2, eos_token_id=3)
    import transformers
    return transformers.ModernBertForMaskedLM(transformers.ModernBertConfig(
        vocab_size=o.vocab, hidden_size=o.dim, num_hidden_layers=o.depth, num_attention_heads=o.heads,
        max_position_embeddings=o.len, pad_token_id=PAD, intermediate_size=o.dim * 3 // 2, attn_implementation="sdpa",
        reference_compile=False, bos_token_id=2, eos_token_id=3, cls_token_id=2, sep_token_id=3))


def records(path):
    with open(path) as lines:
        return [json.loads(line) for line in lines]


def filled(rows, length):
    """ids[len(rows), length], padded."""
    ids = torch.full((len(rows), length), PAD)
    for at, row in enumerate(rows):
        ids[at, :len(row)] = torch.tensor(row)
    return ids


def hidden(ids, o):
    """Some of the tokens masked, and the labels."""
    chosen = (torch.rand(ids.shape) < o.mask_rate) & (ids >= SPECIAL)
    labels = ids.masked_fill(~chosen, IGNORE)
    fate = torch.rand(ids.shape)
    masked = ids.masked_fill(chosen & (fate < 0.8), MASK)
    other = torch.randint(SPECIAL, o.vocab, ids.shape)
    return torch.where(chosen & (fate >= 0.8) & (fate < 0.9), other, masked), labels


def hidden_states(model, ids, o, **more):
    """What the layers make of the ids, [sequences, tokens, dim]."""
    real = ids != PAD
    if o.model == "reformer":
        return model(ids, input_mask=real)
    body = model.bert if o.model == "bert" else model.model
    return body(input_ids=ids, attention_mask=real.long(), **more).last_hidden_state


def loss_of(model, ids, labels, o):
    """The mean loss of the labels, whose logits alone are computed where the model allows it."""
    real = (ids != PAD).long()
    if o.model == "gpt2":
        logits = model(input_ids=ids, attention_mask=real).logits[:, :-1]
        labels = ids[:, 1:].masked_fill(ids[:, 1:] == PAD, IGNORE)
        return F.cross_entropy(logits.flatten(0, 1).float(), labels.flatten(), ignore_index=IGNORE)
    head = {"bert": lambda x: model.cls(x), "reformer": lambda x: model.head(x)}.get(
        o.model, lambda x: model.decoder(model.head(x)))
    at = labels != IGNORE
    return F.cross_entropy(head(hidden_states(model, ids, o)[at]).float(), labels[at])


def products(o):
    """What makes the context in which products are of --fp32 or of bfloat16."""
    return contextlib.nullcontext if o.fp32 else lambda: torch.autocast("cpu", torch.bfloat16)


def evaluate(model, o, context):
    rows = records(o.eval)
    total, n = 0.0, 0
    model.eval()
    with torch.no_grad(), context():
        for at in range(0, len(rows), o.batch):
            part = rows[at:at + o.batch]
            ids = filled([r["ids"] for r in part], o.len)
            labels = torch.full(ids.shape, IGNORE)
            for i, r in enumerate(part):
                if o.model != "gpt2":
                    labels[i, r["positions"]] = torch.tensor(r["labels"])
            here = int((labels != IGNORE).sum()) if o.model != "gpt2" else int((ids[:, 1:] != PAD).sum())
            total += loss_of(model, ids, labels, o).item() * here
            n += here
    return total / n


def main():
    o = options()
    torch.manual_seed(o.seed)
    torch.set_num_threads(o.threads)
    context = products(o)
    model = new_model(o).train()
    groups = [{"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": o.decay},
              {"params": [p for p in model.parameters() if p.dim() <= 1], "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=o.lr, betas=(0.9, 0.98))
    rows = [r["ids"] for r in records(o.train)]
    order, at = torch.randperm(len(rows)), 0
    log = open(o.log, "w")
    print("step", "tokens", "seconds", "loss", "lr", "eval_loss", "unigram_loss", sep="\t", file=log)
    step, tokens, window, start = 0, 0, [], time.perf_counter()
    while (gone := step / o.steps if o.steps else (time.perf_counter() - start) / o.seconds) < 1:
        if at + o.batch > len(rows):
            order, at = torch.randperm(len(rows)), 0
        ids = filled([rows[i] for i in order[at:at + o.batch]], o.len)
        at += o.batch
        rate = o.lr * min((gone + 1e-4) / 0.05, (1 - gone) / 0.95)
        for group in optimiser.param_groups:
            group["lr"] = rate
        masked, labels = (ids, None) if o.model == "gpt2" else hidden(ids, o)
        with context():
            loss = loss_of(model, masked, labels, o)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        step, tokens = step + 1, tokens + int((ids != PAD).sum())
        window.append(loss.item())
        if step % o.every == 0:
            print(step, tokens, f"{time.perf_counter() - start:.1f}", f"{sum(window) / len(window):.6f}", f"{rate:.6g}",
                  "-", "-", sep="\t", file=log, flush=True)
            window = []
    took = time.perf_counter() - start
    print(step, tokens, f"{took:.1f}", "-", "0", f"{evaluate(model, o, context):.6f}", "-", sep="\t", file=log)
    if o.save:
        torch.save({"options": vars(o), "weights": model.state_dict()}, o.save)


if __name__ == "__main__":
    main()
