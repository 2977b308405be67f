"""Questions answered by a model of peer_recipe.py: the peers of bench_korquad.sh.

Takes what peer_recipe.py saved (--model; with --anew only its shape), adds a linear layer to start and end, trains on
the questions of --train for --epochs, --seconds or --steps and writes the answers to those of --dev, {id: text}.  Windows as
squad-encode makes them: [CLS] question [SEP] text [SEP], the question cut at 64 tokens, 128 tokens of the text from
window to window.  AdamW; the learning rate rises for a tenth of the training and falls linearly to 0.

Needs torch, tokenizers, and what the model needs.
Run: python3 peer_korquad.py --model bert.pt --vocab vocab.txt --train train.json --dev dev.json --out predictions.json
"""
import argparse
import json
import time

import torch
import torch.nn.functional as F
from tokenizers import BertWordPieceTokenizer

import peer_recipe

CLS, SEP = "[CLS]", "[SEP]"
MAX_QUERY, STRIDE, MAX_ANSWER = 64, 128, 30


def options():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("model", "vocab", "train", "dev", "out"):
        p.add_argument(f"--{name}", required=True)
    for name, default in (("batch", 16), ("epochs", 3), ("seed", 1), ("threads", 2)):
        p.add_argument(f"--{name}", type=int, default=default)
    p.add_argument("--seconds", type=float, help="train for so long instead of --epochs")
    p.add_argument("--steps", type=int, help="so many updates instead of either")
    p.add_argument("--lr", type=float, default=3e-4)
    p.add_argument("--anew", action="store_true", help="begin with random weights, of the same shape")
    p.add_argument("--fp32", action="store_true")
    return p.parse_args()


def questions(path):
    """(id, question, text, place of the answer, answer) of each."""
    for article in json.load(open(path))["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                a = qa["answers"][0]
                yield qa["id"], qa["question"], paragraph["context"], a["answer_start"], a["text"]


def windows(path, tokenizer, length):
    """Of each window: ids, the first token of the text in it, the offsets of its tokens, start and end of the answer
    (0, 0: it is not here), and the question's id and text."""
    cls, sep = tokenizer.token_to_id(CLS), tokenizer.token_to_id(SEP)
    for name, question, text, at, answer in questions(path):
        q = tokenizer.encode(question, add_special_tokens=False).ids[:MAX_QUERY]
        t = tokenizer.encode(text, add_special_tokens=False)
        room, first = length - len(q) - 3, len(q) + 2
        inside = [i for i, (a, b) in enumerate(t.offsets) if a < at + len(answer) and b > at]
        for begin in range(0, max(1, len(t.ids) - room + STRIDE), STRIDE):
            ids = t.ids[begin:begin + room]
            if not ids or begin and begin + room - STRIDE >= len(t.ids):
                break
            here = inside and begin <= inside[0] and inside[-1] < begin + len(ids)
            span = (inside[0] - begin + first, inside[-1] - begin + first) if here else (0, 0)
            yield [cls] + q + [sep] + ids + [sep], first, t.offsets[begin:begin + room], span, name, text


class Answerer(torch.nn.Module):
    def __init__(self, body, o):
        super().__init__()
        self.body, self.o = body, o
        self.out = torch.nn.Linear(o.dim, 2)

    def forward(self, rows):
        """Logits of start and end, [windows, tokens, 2]; none outside of the text and [CLS]."""
        ids = peer_recipe.filled([r[0] for r in rows], self.o.len)
        at = torch.arange(self.o.len)
        first, end = (torch.tensor([x(r) for r in rows])[:, None] for x in (lambda r: r[1], lambda r: r[1] + len(r[2])))
        text = (at >= first) & (at < end)
        more = {"token_type_ids": (at >= first).long()} if self.o.model == "bert" else {}
        x = self.out(peer_recipe.hidden_states(self.body, ids, self.o, **more)).float()
        return x.masked_fill(~(text | (at == 0))[:, :, None], -1e4)


def batches(rows, o):
    """Batches in a new order each epoch, without end."""
    while True:
        order = torch.randperm(len(rows)).tolist()
        for at in range(0, len(rows) - o.batch + 1, o.batch):
            yield [rows[i] for i in order[at:at + o.batch]]


def train(model, rows, o, context):
    optimiser = torch.optim.AdamW(model.parameters(), lr=o.lr, weight_decay=0.01)
    steps = o.steps or o.epochs * (len(rows) // o.batch)
    step, start, parts = 0, time.perf_counter(), batches(rows, o)
    timed = o.seconds and not o.steps
    while (gone := (time.perf_counter() - start) / o.seconds if timed else step / steps) < 1:
        for group in optimiser.param_groups:
            group["lr"] = o.lr * min((gone + 1e-3) / 0.1, (1 - gone) / 0.9)
        part = next(parts)
        with context():
            logits = model(part)
        right = torch.tensor([r[3] for r in part])
        loss = (F.cross_entropy(logits[:, :, 0], right[:, 0]) + F.cross_entropy(logits[:, :, 1], right[:, 1])) / 2
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        step += 1
    return step


def answers(model, rows, o, context):
    """{id: text} of the likeliest span in any window of a question."""
    best = {}
    model.eval()
    with torch.no_grad(), context():
        for at in range(0, len(rows), o.batch):
            part = rows[at:at + o.batch]
            for (_, first, offsets, _, name, text), logits in zip(part, model(part)):
                start, end = logits[first:first + len(offsets)].T
                pairs = (start[:, None] + end[None, :]).triu().tril(MAX_ANSWER - 1)
                keep = torch.ones_like(pairs, dtype=torch.bool).triu().tril(MAX_ANSWER - 1)
                score, place = pairs.masked_fill(~keep, -1e9).flatten().max(0)
                if name not in best or score > best[name][0]:
                    s, e = divmod(int(place), len(offsets))
                    best[name] = score, text[offsets[s][0]:offsets[e][1]]
    return {name: text for name, (_, text) in best.items()}


def main():
    o = options()
    torch.manual_seed(o.seed)
    torch.set_num_threads(o.threads)
    saved = torch.load(o.model, weights_only=True)
    shape = argparse.Namespace(**saved["options"])
    body = peer_recipe.new_model(shape)
    if not o.anew:
        body.load_state_dict(saved["weights"])
    tokenizer = BertWordPieceTokenizer(o.vocab, lowercase=False, strip_accents=False)
    context = peer_recipe.products(o)
    model, began = Answerer(body, shape).train(), time.perf_counter()
    steps = train(model, list(windows(o.train, tokenizer, shape.len)), o, context)
    took = time.perf_counter() - began
    json.dump(answers(model, list(windows(o.dev, tokenizer, shape.len)), o, context), open(o.out, "w"), ensure_ascii=False)
    print(f"fine-tuned in {took:.0f} s, {steps} updates")


if __name__ == "__main__":
    main()
