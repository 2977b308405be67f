#!/usr/bin/env python3
"""Accuracy and speed of sentence splitters.

    peer_sentences.py PEER DATA [show]

PEER is "kss" (any version), "kiwi" or the path of split-sentences; DATA is a folder of sentence
files: *.txt, one sentence a line and a blank line between documents, or hard.tsv. The lines of a
document are joined by a space and split again. Prints one row a file, parted by spaces: file, F1 of
the boundaries inside documents, share of sentences that came back whole, MB/s, texts that made the
peer raise (they count as not split), precision and recall of the boundaries; and a last row "all".
With "show" also what was missed and what was too much.

A boundary is told by the characters before it that are no white space, so nothing depends on what
a splitter does with spaces.
"""
import glob
import json
import os
import subprocess
import sys
import time
import warnings


def read_documents(path):
    """The documents of a file: lists of sentences."""
    text = open(path, encoding="utf-8").read()
    if path.endswith(".tsv"):
        return [row.split("\t")[3].split("\u241e") for row in text.splitlines()[1:]]
    documents = [[]]
    for line in text.splitlines():
        line = line.strip()
        if line:
            documents[-1].append(line)
        elif documents[-1]:
            documents.append([])
    return [d for d in documents if d]


def bare(text):
    return "".join(text.split())


def boundaries(sentences):
    """Where a sentence ends inside the document, counted in characters that are no space."""
    at, found = 0, set()
    for s in sentences:
        at += len(bare(s))
        found.add(at)
    found.discard(at)
    return found


def spans(sentences):
    at, found = 0, []
    for s in sentences:
        found.append((at, at + len(bare(s))))
        at = found[-1][1]
    return found


def splitter(peer):
    """A function from texts to their sentences, seconds taken, and texts that failed."""
    if peer == "kss":
        import logging
        import kss

        logging.getLogger("Kss").setLevel(logging.ERROR)
        split = lambda text: kss.split_sentences(text)
        try:  # newer ones ask for an analyser; pecab is the one in pure Python
            kss.split_sentences("가다.", backend="pecab")
            split = lambda text: kss.split_sentences(text, backend="pecab", num_workers=1)
        except (TypeError, ValueError):
            pass
    elif peer == "kiwi":
        from kiwipiepy import Kiwi

        kiwi = Kiwi(num_workers=1)
        split = lambda text: [s.text for s in kiwi.split_into_sents(text)]
    else:
        return lambda texts: run_tool(peer, texts)
    split("처음 한 번은 재지 않는다.")

    def run(texts):
        out, failed = [], 0
        start = time.perf_counter()
        for t in texts:
            try:
                out.append(split(t))
            except Exception:
                out.append([t])
                failed += 1
        return out, time.perf_counter() - start, failed

    return run


def run_tool(tool, texts):
    """Documents as JSON lines, so that nothing is taken for a title or a border."""
    given = "".join(json.dumps({"text": t}, ensure_ascii=False) + "\n" for t in texts)
    start = time.perf_counter()
    done = subprocess.run([tool, "--no-titles", "--jsonl", "text"], input=given.encode(),
                          stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - start
    return [json.loads(row)["text"].split("\n") for row in done.stdout.splitlines()], seconds, 0


def main():
    peer, data = sys.argv[1:3]
    show = len(sys.argv) > 3  # any third word: print what differs
    warnings.simplefilter("ignore")
    split = splitter(peer)
    rows = []
    for path in sorted(glob.glob(os.path.join(data, "*.t[xs][tv]"))):
        documents = read_documents(path)
        texts = [" ".join(d) for d in documents]
        out, seconds, failed = split(texts)
        right = found = wanted = whole = 0
        for want, got in zip(documents, out):
            a, b = boundaries(want), boundaries(got)
            right, found, wanted = right + len(a & b), found + len(b), wanted + len(a)
            whole += len(set(spans(want)) & set(spans(got)))
            text = bare("".join(want))
            for at in sorted(a ^ b) if show else ():
                print("missed" if at in a else "extra ", text[max(0, at - 24):at], "|",
                      text[at:at + 16])
        size = sum(len(t.encode()) for t in texts)
        rows.append((right, found, wanted, whole, sum(len(d) for d in documents), size, seconds, failed))
        print_row(os.path.basename(path), rows[-1])
    print_row("all", [sum(column) for column in zip(*rows)])


def print_row(name, row):
    right, found, wanted, whole, sentences, size, seconds, failed = row
    print(name, f"{2 * right / (found + wanted):.3f}", f"{whole / sentences:.3f}",
          f"{size / seconds / 1e6:.3f}", failed, f"{right / max(found, 1):.3f}",
          f"{right / wanted:.3f}")


if __name__ == "__main__":
    main()
