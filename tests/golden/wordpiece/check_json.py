"""Check wp-train's tokenizer.json with Hugging Face's own reader, and note the checksums of what passed.

Run: python3 check_json.py          (tokenizers 0.23.3; wp-train and wp-encode on the PATH)

For each setting: the ids of tokenizers.Tokenizer.from_file() must be wp-encode's on every line of
cases.txt and hard.txt.zst. Writes json.sum: what `cksum` says of each file.
"""
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
from tokenizers import Tokenizer

FLAGS = [[], ["--lower-case"], ["--strip-accents"], ["--lower-case", "--strip-accents"]]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True).stdout


def main():
    text = (HERE / "cases.txt").read_bytes() + run("zstd", "-dcq", str(HERE / "hard.txt.zst"))
    sums = []
    with tempfile.TemporaryDirectory() as folder:
        name = f"{folder}/tokenizer.json"
        pathlib.Path(f"{folder}/text").write_bytes(text)
        for flags in FLAGS:
            run("wp-train", "-q", *flags, "-V", str(HERE / "hard-vocab.txt"), "--size", "1", "--tokenizer-json", name,
                "-o", f"{folder}/vocab.txt", str(HERE / "cases.txt"))
            theirs = Tokenizer.from_file(name)
            ours = run("wp-encode", *flags, "-V", f"{folder}/vocab.txt", "-f", "ids", f"{folder}/text").decode().split("\n")
            for line, ids in zip(text.decode().split("\n")[:-1], ours, strict=False):
                want = theirs.encode(line.removesuffix("\r"), add_special_tokens=False).ids
                assert ids == " ".join(map(str, want)), (flags, line, ids, want)
            assert theirs.encode("가").ids[0] == theirs.token_to_id("[CLS]")
            sums.append(run("cksum", name).decode().rsplit(" ", 1)[0])
    (HERE / "json.sum").write_text("".join(s + "\n" for s in sums))


main()
