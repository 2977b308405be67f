"""Load the folder that `wp-train --hf` writes with transformers' AutoTokenizer, and compare ids.

Run: python3 auto_tokenizer.py      (transformers 4 or 5; wp-train and wp-encode on the PATH)

For each setting: the ids of cases.txt and hard.txt.zst must be those of `wp-encode --cls-sep`, the
special tokens those of the vocabulary, and the longest length must be left open. A vocabulary without
[MASK] must not get one. Exit status 1 where something differs.
"""
import os
import pathlib
import subprocess
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
import transformers

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = [[], ["--lower-case"], ["--strip-accents"], ["--lower-case", "--strip-accents"]]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True).stdout


def check(folder, flags, text):
    run("wp-train", "-q", *flags, "-V", str(HERE / "hard-vocab.txt"), "--size", "1", "--hf", folder, str(HERE / "cases.txt"))
    pathlib.Path(f"{folder}/text").write_bytes(text)
    ours = run("wp-encode", *flags, "-V", f"{folder}/vocab.txt", "-f", "ids", "--cls-sep", f"{folder}/text").decode().split("\n")
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    vocab = {token: id for id, token in enumerate(pathlib.Path(f"{folder}/vocab.txt").read_text().split("\n")[:-1])}
    for name in ("pad", "unk", "cls", "sep", "mask"):
        token = f"[{name.upper()}]"
        assert getattr(theirs, name + "_token") == token and getattr(theirs, name + "_token_id") == vocab[token], name
    assert len(theirs) == len(vocab)
    assert theirs.model_max_length > 10**9
    for line, ids in zip(text.decode().split("\n")[:-1], ours, strict=False):
        want = theirs(line.removesuffix("\r"))["input_ids"]
        want = want if len(want) > 2 else []    # wp-encode puts nothing around an empty line
        assert ids == " ".join(map(str, want)), (flags, line, ids, want)


def check_without_mask(folder):
    subprocess.run(["wp-train", "-q", "--special-tokens", "[PAD],[UNK],[CLS],[SEP]", "--hf", folder], check=True,
                   input=b"a b [MASK]\n")
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    assert theirs.mask_token is None and len(theirs) == len(pathlib.Path(f"{folder}/vocab.txt").read_text().split())


def main():
    text = (HERE / "cases.txt").read_bytes() + run("zstd", "-dcq", str(HERE / "hard.txt.zst"))
    with tempfile.TemporaryDirectory() as folder:
        for i, flags in enumerate(FLAGS):
            check(f"{folder}/{i}", flags, text)
        check_without_mask(f"{folder}/none")
    print("transformers", transformers.__version__ + ": AutoTokenizer gives the same ids")


main()
