"""Compare wp-encode with Hugging Face's BertWordPieceTokenizer, id for id.

Run: python3 parity.py [--lower-case] [--strip-accents] VOCAB FILE...
     python3 parity.py [--lower-case] [--strip-accents] VOCAB --random LINES [--seed N]

Needs tokenizers 0.23.3, and wp-encode on the PATH. FILE is text, .json for the contexts and
questions of SQuAD data, or .zst of either. Prints a line a file and the first lines that differ;
exit status 1 if any does.
"""
import argparse
import json
import subprocess
import sys
import tempfile

from make import encode, random_lines, tokenizer

BATCH = 20000   # lines


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


def ours(vocab, flags, lines):
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", suffix=".txt") as text:
        text.writelines(line + "\n" for line in lines)
        text.flush()
        run = subprocess.run(["wp-encode", "-q", "-V", vocab, "-f", "ids", *flags, text.name], check=True, capture_output=True)
    return run.stdout.decode().split("\n")[:-1]


def compare(name, lines, vocab, flags):
    lines = list(lines)
    tokens = tokenizer(vocab, ("--lower-case" in flags, "--strip-accents" in flags))
    got, n_ids, differ = ours(vocab, flags, lines), 0, []
    assert len(got) == len(lines), f"{len(got)} lines of ids for {len(lines)} lines"
    for at in range(0, len(lines), BATCH):
        want = encode(tokens, lines[at:at + BATCH])
        n_ids += sum(len(ids.split()) for ids in want)
        differ += [(at + i, w) for i, w in enumerate(want) if w != got[at + i]]
    print(f"{name}: {len(lines)} lines, {n_ids} ids, {len(differ)} lines differ")
    for i, want in differ[:5]:
        print(f"  line {i + 1}: {lines[i]!a}\n    theirs {want}\n    ours   {got[i]}")
    return len(differ)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lower-case", action="store_true")
    parser.add_argument("--strip-accents", action="store_true")
    parser.add_argument("--random", type=int, metavar="LINES")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("vocab")
    parser.add_argument("file", nargs="*")
    args = parser.parse_args()
    flags = ["--lower-case"] * args.lower_case + ["--strip-accents"] * args.strip_accents
    bad = sum(compare(name, lines_of(name), args.vocab, flags) for name in args.file)
    if args.random:
        bad += compare(f"random, seed {args.seed}", random_lines(args.random, args.seed), args.vocab, flags)
    sys.exit(bad != 0)


main()
