"""The loss of an n-gram model with modified Kneser-Ney smoothing (KenLM) on a causal run's data: the peer of bench_clm.sh.

Trains on the very sequences of train.rfs and scores those of eval.rfs: every token but the first of a sequence, given
all before it that the order lets it see.  That is what rf-train's clm predicts, so the losses compare.  Special tokens
are tokens like others.  A token that train.rfs lacks gets its share of the unigrams, as one of the vocabulary; the end
of a sequence has a probability of its own in KenLM, a few thousandths at most, which the tokens go without.

Prints a line for each order: order, nats a token, bits per byte.  Bytes are counted as rf-train counts them for
eval_bits, rf-log(5); with --log, a run on the same data, this is checked against its log.

Needs lmplz and query of KenLM in --kenlm, and shard-cat in PATH.
Run: peer_ngram.py --kenlm kenlm/build/bin --vocab vocab.txt --orders 3 5 train.rfs eval.rfs
"""
import argparse
import csv
import math
import os
import subprocess
import sys
import tempfile

EOS = "</s>"


def options():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--kenlm", required=True, help="folder of lmplz and query")
    p.add_argument("--vocab", required=True)
    p.add_argument("--orders", type=int, nargs="+", default=[3, 5])
    p.add_argument("--memory", default="1G", help="what lmplz sorts in")
    p.add_argument("--log", help="log.tsv of a run on the same data with the same vocabulary")
    p.add_argument("train")
    p.add_argument("eval")
    return p.parse_args()


def special_ids(shard):
    """From a line of shard-cat --info like: special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4"""
    info = subprocess.run(["shard-cat", "-q", "--info", shard], check=True, capture_output=True, text=True).stdout
    words = next(line for line in info.splitlines() if line.startswith("special:")).split()
    return {int(word) for word in words[2::2]}


def labels_and_bytes(shard, tokens):
    """How many tokens get a label; bytes of text, a word with the space in front of it, for each of these."""
    special = special_ids(shard)
    size = [0 if i in special else len(token) - 2 if token.startswith(b"##") else len(token) + 1
            for i, token in enumerate(tokens)]
    text = subprocess.run(["shard-cat", "-q", shard], check=True, capture_output=True, text=True).stdout
    sequences = [line.split() for line in text.splitlines()]
    labels = sum(len(ids) - 1 for ids in sequences)
    return labels, sum(size[int(i)] for ids in sequences for i in ids) / labels


def check(log, per_label):
    """eval_loss, eval_bits and the bytes of a label must be those of the run, but for the digits of its log."""
    with open(log) as f:
        row = [r for r in csv.DictReader(f, delimiter="\t") if r["eval_bits"] != "-"][-1]
    bits = float(row["eval_loss"]) / math.log(2) / per_label
    if abs(bits / float(row["eval_bits"]) - 1) > 2e-5:
        sys.exit(f"peer_ngram.py: {log} has {row['eval_bits']} bits per byte, by the count of bytes here it were {bits:.6g}")


def shard_into(shard, command, **more):
    """The sequences, a line of ids each, into a command."""
    with subprocess.Popen(["shard-cat", "-q", shard], stdout=subprocess.PIPE) as cat:
        done = subprocess.run(command, stdin=cat.stdout, **more)
        cat.stdout.close()
    if cat.returncode or done.returncode:
        sys.exit(f"peer_ngram.py: {command[0]} failed: {(done.stderr or b'').decode()[-400:]}")


def train(o, order, folder, vocab_size):
    """The model's file. Where a sample is too small to tell the discounts, KenLM takes fixed ones and says so."""
    arpa = os.path.join(folder, f"{order}.arpa")
    # the ids and the end of a sequence share what no context tells
    shard_into(o.train, [os.path.join(o.kenlm, "lmplz"), "-o", str(order), "-S", o.memory, "-T", folder + "/",
                         "--vocab_pad", str(vocab_size + 1), "--discount_fallback", "--arpa", arpa],
               stderr=subprocess.PIPE)
    return arpa


def loss(o, arpa, folder, labels):
    """Mean nats of a label; query prints a line for each sequence: id=number order log10, tabs between, then </s>'s
    and a total."""
    scores = os.path.join(folder, "scores")
    with open(scores, "wb") as f:
        shard_into(o.eval, [os.path.join(o.kenlm, "query"), "-v", "word", "-v", "sentence", arpa], stdout=f, stderr=subprocess.PIPE)
    logs = []
    with open(scores) as f:
        for line in f:
            *words, end, total = line.split("\t")
            if end.startswith(EOS + "=") and total.startswith("Total:"):
                logs += [float(word.split()[2]) for word in words[1:]]
    if len(logs) != labels:
        sys.exit(f"peer_ngram.py: query scored {len(logs)} of {labels} tokens")
    return -math.fsum(logs) * math.log(10) / labels


def main():
    o = options()
    with open(o.vocab, "rb") as f:
        tokens = f.read().splitlines()
    labels, per_label = labels_and_bytes(o.eval, tokens)
    if o.log:
        check(o.log, per_label)
    print("order", "nats", "bits_per_byte", sep="\t")
    for order in o.orders:
        with tempfile.TemporaryDirectory() as folder:
            nats = loss(o, train(o, order, folder, len(tokens)), folder, labels)
        print(order, f"{nats:.5f}", f"{nats / math.log(2) / per_label:.5f}", sep="\t", flush=True)


if __name__ == "__main__":
    main()
