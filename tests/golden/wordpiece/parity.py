"""Compare wp-encode with Hugging Face's BertWordPieceTokenizer, id for id.

Run: python3 parity.py [--lower-case] [--strip-accents] [--all-settings] VOCAB SOURCE...
     python3 parity.py --golden

Needs tokenizers 0.23.3, and wp-encode on the PATH. Prints a line a source, and the first lines that
differ; exit status 1 if any does. VOCAB is a file or

  code-points      each character as a token, bare and behind ##
  odd:SEED         the tokens of hard-vocab.txt out of order, with empty and repeated lines, CR LF,
                   white space behind tokens, and without some of the special ones

SOURCE is a file of text, .json for the contexts and questions of SQuAD data, .zst of either, or

  code-points      a?b with each scalar value but LF in place of ?
  decomposed:FILE  the lines of a file in NFD
  marks            each combining mark alone, after letters, and in any order with others
  long:SEED        words of about 100 characters, the limit
  special:SEED     special tokens inside words, overlapping, broken, in the wrong case
  random:N:SEED    N lines over all planes

--golden writes some lines of the hard kinds with the CRC-32 of their ids in the four settings, in
hard-vocab.txt and in an odd vocabulary, for the test that needs no peer: more.* and odd-more.*.
"""
import argparse
import itertools
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unicodedata

from make import HERE, SETTINGS, SPECIAL, crc, encode, random_lines, tokenizer, write_zst

BATCH = 20000   # lines
LINES = 20000   # of long and special
SCALARS = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def lines_of(name):
    """The lines as wp-encode sees them: parted by LF, a CR before it taken off."""
    data = subprocess.run(["zstd", "-dcq", name], check=True, capture_output=True).stdout if name.endswith(".zst") \
        else open(name, "rb").read()
    if name.removesuffix(".zst").endswith(".json"):
        for article in json.loads(data)["data"]:
            for paragraph in article["paragraphs"]:
                for text in [paragraph["context"]] + [qa["question"] for qa in paragraph["qas"]]:
                    yield from text.split("\n")
        return
    lines = data.decode().split("\n")
    for line in lines[:-1] + [lines[-1]] * (lines[-1] != ""):
        yield line.removesuffix("\r")


def marks():
    every = [c for c in SCALARS if unicodedata.category(c).startswith("M")]
    draw = random.Random(1)
    for c in every:
        yield from (c, f" {c} ", f"a{c}", f"가{c}", f"\u1100{c}\u1161", f"[MASK]{c}", f".{c}", f"漢{c}", c * 101)
    for _ in range(LINES):
        yield "".join(draw.choices(every + ["a", "\u1100", "각", " "], k=draw.randrange(1, 8)))


def long_words(seed):
    draw = random.Random(seed)
    letters = ["a", "가", "\u1100\u1161", "\u1112\u1161\u11ab", "e\u0301", "é", "각", "İ", "\u200b", "漢", "𐐀", "x\u0000", "."]
    for _ in range(LINES):
        words = []
        for _ in range(draw.randrange(1, 4)):
            few = draw.sample(letters, draw.randrange(1, 4))
            words.append("".join(draw.choices(few, k=draw.choice([49, 50, 51, 98, 99, 100, 101, 102, 250]))))
        yield draw.choice([" ", "[MASK]", "  "]).join(words)


def special_words(seed):
    draw = random.Random(seed)
    parts = SPECIAL + [t.lower() for t in SPECIAL] + [t[:-1] for t in SPECIAL] + [t[1:] for t in SPECIAL] + \
        ["[", "]", "a", "가", " ", ".", "\u0301", "\u200b", "[MA", "SK]", "##", "[unused1]", "漢", "\u3000", "B"]
    for _ in range(LINES):
        yield "".join(draw.choices(parts, k=draw.randrange(1, 12)))


def source(name):
    kind, _, rest = name.partition(":")
    if kind == "code-points":
        return (f"a{c}b" for c in SCALARS if c != "\n")
    if kind == "decomposed":
        return (unicodedata.normalize("NFD", line) for line in lines_of(rest))
    if kind == "marks":
        return marks()
    if kind == "long":
        return long_words(int(rest))
    if kind == "special":
        return special_words(int(rest))
    if kind == "random":
        return random_lines(*map(int, rest.split(":")))
    return lines_of(name)


def odd_vocab(seed):
    draw = random.Random(seed)
    needed = ["[UNK]", "[CLS]", "[SEP]"]    # theirs does without no other
    tokens = HERE.joinpath("hard-vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]
    tokens = needed + draw.sample(tokens, len(tokens) * 2 // 3) + draw.choices(tokens, k=200) + [""] * 20 + \
        ["a b", "##a b", "##", "#", "###", " a", "\ufeffa", "a\x85b", "a\u2028b", "A", "##[MASK]", "[MASK"]
    draw.shuffle(tokens)
    ends = ["\n"] * 20 + ["\r\n"] * 4 + [" \n", "\t\r\n", "\u3000\n", "\u00a0\n", "\x85\n", "\u2028\n", "\r\r\n", "\x0b\x0c\n"]
    return "".join(t + draw.choice(ends) for t in tokens) + draw.choice(["", "last"])


def vocabulary(name, folder):
    """The name of a file with the vocabulary."""
    path = pathlib.Path(folder, "vocab.txt")
    if name == "code-points":
        path.write_text("\n".join(SPECIAL + [p + c for p in ("", "##") for c in SCALARS if not c.isspace()]) + "\n",
                        encoding="utf-8", newline="")
    elif name.startswith("odd:"):
        path.write_text(odd_vocab(int(name[4:])), encoding="utf-8", newline="")
    else:
        return name
    return str(path)


def ours(vocab, flags, lines):
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", suffix=".txt") as text:
        text.writelines(line + "\n" for line in lines)
        text.flush()
        run = subprocess.run(["wp-encode", "-q", "-V", vocab, "-f", "ids", *flags, text.name], check=True, capture_output=True)
    return run.stdout.decode().split("\n")[:-1]


def compare(name, lines, vocab, setting):
    flags = list(itertools.compress(["--lower-case", "--strip-accents"], setting))
    tokens = tokenizer(vocab, setting)
    got, n_ids, differ = ours(vocab, flags, lines), 0, []
    assert len(got) == len(lines), f"{len(got)} lines of ids for {len(lines)} lines"
    for at in range(0, len(lines), BATCH):
        want = encode(tokens, lines[at:at + BATCH])
        n_ids += sum(ids.count(" ") + (ids != "") for ids in want)
        differ += [(at + i, w) for i, w in enumerate(want) if w != got[at + i]]
    print(" ".join([name, *flags]) + f": {len(lines)} lines, {n_ids} ids, {len(differ)} lines differ", flush=True)
    for i, want in differ[:5]:
        print(f"  line {i + 1}: {lines[i]!a}\n    theirs {want}\n    ours   {got[i]}")
    return len(differ)


def golden():
    lines = [line for kind in ("marks", "long:1", "special:1") for line in random.Random(1).sample(list(source(kind)), 500)]
    write_zst("more.txt", lines)
    HERE.joinpath("odd-more-vocab.txt").write_text(odd_vocab(1), encoding="utf-8", newline="")
    for vocab, name in (("hard-vocab.txt", "more.crc"), ("odd-more-vocab.txt", "odd-more.crc")):
        ids = [encode(tokenizer(HERE / vocab, setting), lines) for setting in SETTINGS]
        write_zst(name, (" ".join(map(crc, row)) for row in zip(*ids, strict=True)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lower-case", action="store_true")
    parser.add_argument("--strip-accents", action="store_true")
    parser.add_argument("--all-settings", action="store_true", help="with and without both, four times")
    parser.add_argument("--golden", action="store_true", help="write the golden files")
    parser.add_argument("vocab", nargs="?")
    parser.add_argument("source", nargs="*")
    args = parser.parse_args()
    if args.golden:
        return golden()
    if not args.source:
        parser.error("a vocabulary and a source are needed")
    settings = SETTINGS if args.all_settings else [(args.lower_case, args.strip_accents)]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        vocab = vocabulary(args.vocab, folder)
        for name in args.source:
            lines = list(source(name))
            bad += sum(compare(name, lines, vocab, setting) for setting in settings)
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
