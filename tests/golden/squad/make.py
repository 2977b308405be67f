#!/usr/bin/env python3
"""Write gold.json, predictions of several kinds, and scores.txt: what the official evaluators say.

Run: python3 make.py KORQUAD SQUAD     (Python 3.11)

KORQUAD is evaluate-v1.0.py of KorQuAD (repository korquad/korquad.github.io, folder dataset), SQUAD is
evaluate-v1.1.py of SQuAD (repository allenai/bi-att-flow, folder squad); without arguments both are
downloaded. The answers are random, and hostile: white space and control characters that Python splits
at and others do not, capital sigmas at the ends of words and not, letters whose lower case is longer,
articles beside marks that are no letters, quotes of both kinds, nothing at all.
"""
import json
import random
import sys
import types
import urllib.request
from pathlib import Path

RAW = "https://raw.githubusercontent.com/"
SOURCES = (("korquad", RAW + "korquad/korquad.github.io/master/dataset/evaluate-v1.0.py"),
           ("squad", RAW + "allenai/bi-att-flow/master/squad/evaluate-v1.1.py"))
HERE = Path(__file__).parent

PARTS = {
    "korean": "세종 은 이 가 1443년 훈민정음 글자 임금 의 를 을 12월 제3대 ㄱ ᄀ ᅡ 가".split(),
    "space": [" ", "  ", "\t", "\n", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f", "\x85",
              "\xa0", "\u1680", "\u2003", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\u200b",
              "\ufeff", "\u180e", "\x00", "\x1b", "\x7f", "a", "가", "b"],
    "marks": list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + list("‘’“”《》〈〉「」『』·…–―、。！（）＜＞") +
             ["가", "나", " ", "x"],
    "case": ["Σ", "Σ", "ΑΣ", "ΣΑ", "Σ'", "'Σ", "Σ.", "Σ\u0301", "a\u0301Σ", "1Σ", "ªΣ", "Σʰ", "Σ\u00ad",
             "İ", "I", "ı", "ẞ", "ß", "Ǆ", "ǅ", "K", "Å", "Ω", "Ⅷ", "Ⓐ", "Ａ", "Ꭰ", "Ა", "𐐀", "Ж", "Ё",
             "a", "A", "B", " ", "'", "가", "ς", "σ"],
    "articles": ["a", "an", "the", "A", "The", "AN", "THE", "a\u0301", "á", "\u0301", "-", "_", ".", " ",
                 " ", " ", "가", "1", "²", "①", "½", "\u200d", "'", "\u00a0", "an\u0308", "the1",
                 "then", "漢", "'s", "\u0903", "Ａ", "͡", "🙂", "ﬁ"],
}


def evaluator(name, source):
    text = (urllib.request.urlopen(source).read().decode() if "://" in source
            else Path(source).read_text(encoding="utf-8"))
    module = types.ModuleType(name)
    exec(compile(text, source, "exec"), module.__dict__)
    return module


def text_of(rng, parts, most):
    return "".join(rng.choice(parts) for _ in range(rng.randrange(most + 1)))


def prediction(rng, parts, answers):
    """One of the answers, something near it, or anything."""
    near = rng.choice(answers)
    way = rng.randrange(6)
    if way == 0:
        return near
    if way == 1:
        return near[rng.randrange(len(near) + 1):]
    if way == 2:
        return rng.choice(parts) + near.swapcase() + rng.choice(parts)
    if way == 3:
        return near + text_of(rng, parts, 3)
    return text_of(rng, parts, 8)


def main():
    sources = sys.argv[1:3] if len(sys.argv) > 2 else [url for _, url in SOURCES]
    official = {name: evaluator(name, source) for (name, _), source in zip(SOURCES, sources)}
    official["squad"].open = lambda *_: open("/dev/null", "w")  # it writes a file of its own
    rng = random.Random(1)
    gold = {"version": "KorQuAD_v1.0_test", "data": []}
    predictions = {kind: {} for kind in PARTS}
    for kind, parts in PARTS.items():
        qas = []
        for i in range(60):
            answers = [text_of(rng, parts, 6) for _ in range(rng.choice((1, 1, 3)))]
            qas.append({"id": f"{kind}-{i}", "question": "?",
                        "answers": [{"text": text, "answer_start": 0} for text in answers]})
            predictions[kind][qas[-1]["id"]] = prediction(rng, parts, answers)
        gold["data"].append({"title": kind, "paragraphs": [{"qas": qas, "context": ""}]})
    predictions["all"] = {key: text for kind in PARTS for key, text in predictions[kind].items()}
    del predictions["all"]["case-7"], predictions["all"]["space-11"]
    (HERE / "gold.json").write_text(json.dumps(gold) + "\n")
    lines = []
    for kind, found in predictions.items():
        (HERE / f"{kind}.json").write_text(json.dumps(found, ensure_ascii=kind == "all") + "\n",
                                           encoding="utf-8")
        for name, module in official.items():
            lines.append(f"{kind} {name} {json.dumps(module.evaluate(gold['data'], found))}\n")
    (HERE / "scores.txt").write_text("".join(lines))


main()
