"""Golden offsets of Hugging Face's BertWordPieceTokenizer, written beside this script.

Run: python3 offsets.py       (tokenizers 0.23.3; wp-encode on the PATH)

cases-plain.offsets, cases-lower.offsets, cases-strip.offsets, cases-both.offsets: for each line of cases.txt the offsets of its tokens, "a-b" each, parted by spaces, without
[CLS] and [SEP]. Then compares wp-encode -f jsonl --cls-sep with it on cases.txt and hard.txt.zst, member for
member, in the four settings. Exit status 1 if a line differs.
"""
import json
import subprocess
import sys
import tempfile

from make import CASES, HERE, NAMES, SETTINGS, random_lines, tokenizer, write

FLAGS = [[], ["--lower-case"], ["--strip-accents"], ["--lower-case", "--strip-accents"]]


def main():
    lines, bad = CASES + list(random_lines(3000, 1)), 0
    for setting, flags, name in zip(SETTINGS, FLAGS, NAMES):
        tokens = tokenizer(HERE / "hard-vocab.txt", setting)
        write(f"cases-{name}.offsets", (" ".join(f"{a}-{b}" for a, b in e.offsets)
                                        for e in tokens.encode_batch(CASES, add_special_tokens=False)))
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n") as text:
            text.writelines(line + "\n" for line in lines)
            text.flush()
            got = subprocess.run(["wp-encode", "-q", "-V", str(HERE / "hard-vocab.txt"), "-f", "jsonl", "--cls-sep", *flags, text.name],
                                 check=True, capture_output=True).stdout.decode().split("\n")[:-1]
        differ = 0
        for line, ours, e in zip(lines, map(json.loads, got), tokens.encode_batch(lines), strict=True):
            want = {"ids": e.ids, "pieces": e.tokens, "offsets": [list(o) for o in e.offsets]}
            if len(e.ids) > 2 and want != ours or len(e.ids) == 2 and ours["ids"]:
                differ += 1
                if differ <= 3:
                    print(f"  {line!a}\n    theirs {want}\n    ours   {ours}")
        print(f"{name}: {len(lines)} lines, {differ} differ")
        bad += differ
    sys.exit(bad != 0)


main()
