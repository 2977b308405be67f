"""peer_tokenizers.py: Hugging Face tokenizers at the work of wp-train and wp-encode.

    peer_tokenizers.py train TEXT                   prints "seconds peak_MB"
    peer_tokenizers.py encode TEXT VOCAB THREADS    prints "MB/s peak_MB"
"""
import os
import resource
import sys
import time

job, text = sys.argv[1:3]
if job == "encode":
    os.environ["RAYON_NUM_THREADS"] = sys.argv[4]
    os.environ["TOKENIZERS_PARALLELISM"] = "true" if sys.argv[4] != "1" else "false"
from tokenizers import BertWordPieceTokenizer  # noqa: E402  (the environment comes first)


def peak():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if job == "train":
    tokenizer = BertWordPieceTokenizer(lowercase=False, strip_accents=False)
    start = time.perf_counter()
    tokenizer.train([text], vocab_size=22000, limit_alphabet=6000, show_progress=False)
    print(round(time.perf_counter() - start, 3), peak())
else:
    tokenizer = BertWordPieceTokenizer(sys.argv[3], lowercase=False, strip_accents=False)
    with open(text, encoding="utf-8") as f:
        lines = f.read().split("\n")
    best = 1e9
    for _ in range(2):
        start = time.perf_counter()
        for i in range(0, len(lines), 10000):
            tokenizer.encode_batch(lines[i:i + 10000], add_special_tokens=False)
        best = min(best, time.perf_counter() - start)
    print(round(os.path.getsize(text) / best / 1e6, 2), peak())
