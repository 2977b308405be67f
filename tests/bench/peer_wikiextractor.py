#!/usr/bin/env python3
"""wiki-text beside wikiextractor: what each keeps and loses, word by word, and how fast they are.

    peer_wikiextractor.py WIKI-TEXT DUMP... [show]
    peer_wikiextractor.py WIKI-TEXT speed DUMP...

Needs wikiextractor (PyPI) in this Python. A word is what stands between spaces, without
punctuation at its ends; the words of a page are lined up in order. A row a page: words of ours, of
theirs, in both, only ours, only theirs. With "show" the runs of words that only one has.

A dump without siteinfo, of which wikiextractor reads nothing, gets one. Speed is measured on the
pages repeated to 32 MB, one thread and one process each, wikiextractor without its reading of
template definitions, the best of three; rates are of the dump's bytes.
"""
import bz2
import collections
import difflib
import html
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

SITEINFO = """  <siteinfo><base>https://en.wikipedia.org/wiki/Main_Page</base><namespaces>
<namespace key="0" case="first-letter" />
<namespace key="6" case="first-letter">File</namespace>
<namespace key="10" case="first-letter">Template</namespace>
<namespace key="14" case="first-letter">Category</namespace>
</namespaces>
  </siteinfo>
"""
EDGE = re.compile(r"^\W+|\W+$")


def read_dump(path):
    data = bz2.open(path, "rt", encoding="utf-8").read()
    if "<siteinfo>" not in data:
        head, tail = data.split(">\n", 1)
        data = head + ">\n" + SITEINFO + tail
    return data


def ours(tool, path):
    out = subprocess.run([tool, "-j1", "--jsonl", "text", path], stdout=subprocess.PIPE, check=True)
    for line in out.stdout.splitlines():
        title, _, text = json.loads(line)["text"].partition("\n")
        yield title, text


def theirs(path):
    run = [sys.executable, "-m", "wikiextractor.WikiExtractor", "--json", "-q", "--processes", "1", "-o", "-", path]
    out = subprocess.run(run, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    for line in out.stdout.splitlines():
        page = json.loads(line)
        yield page["title"], html.unescape(page["text"])  # it escapes its output


def words(text):
    return [w for w in (EDGE.sub("", w) for w in text.split()) if w]


def compare(tool, path, show):
    with tempfile.NamedTemporaryFile("w", suffix=".xml", encoding="utf-8") as f:
        f.write(read_dump(path))
        f.flush()
        mine, other = dict(ours(tool, f.name)), dict(theirs(f.name))
    for title in list(mine) + [t for t in other if t not in mine]:
        a, b = words(mine.get(title, "")), words(other.get(title, ""))
        lost = collections.Counter()
        runs = []
        for op, i, j, k, m in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
            if op == "equal":
                lost["both"] += j - i
            else:
                lost["ours"] += j - i
                lost["theirs"] += m - k
                runs.append((a[i:j], b[k:m]))
        print("%-44s %7d %7d %7d %7d %7d" % (title, len(a), len(b), lost["both"], lost["ours"], lost["theirs"]))
        for x, y in runs if show else []:
            if x:
                print("    ours:   " + " ".join(x))
            if y:
                print("    theirs: " + " ".join(y))


def repeat(paths, size):
    """One dump of about so many bytes, pages numbered anew: a page that came before is skipped."""
    pages, head, n = [], None, 0
    for path in paths:
        data = read_dump(path)
        head = head or data[: data.index("<page>")]
        pages += [p + "</page>\n" for p in data[data.index("<page>"):].split("</page>")[:-1]]
    out = [head]
    while n * sum(map(len, pages)) < size * len(pages):
        page = pages[n % len(pages)]
        out.append(re.sub(r"<id>\d+</id>", "<id>%d</id>" % (n + 1), page, count=1))
        n += 1
    return "".join(out) + "</mediawiki>\n"


def best(run):
    times = []
    for _ in range(3):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
        subprocess.run(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        times.append((cpu, time.time() - start))
    return min(times)


def speed(tool, paths):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dump.xml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(repeat(paths, 32 << 20))
        size = os.path.getsize(path) / 1e6
        rates = {}
        for name, run in (
            ("wiki-text", [tool, "-j1", "-q", path]),
            ("wikiextractor", [sys.executable, "-m", "wikiextractor.WikiExtractor", "--no-templates", "-q",
                               "--processes", "1", "-o", os.path.join(folder, "out"), path]),
        ):
            cpu, wall = best(run)
            rates[name] = size / cpu
            print("%-14s %8.1f MB/s of processor time, %8.1f MB/s" % (name, size / cpu, size / wall))
        print("%.0f times" % (rates["wiki-text"] / rates["wikiextractor"]))


def main():
    tool, rest = sys.argv[1], sys.argv[2:]
    if rest[0] == "speed":
        speed(tool, rest[1:])
        return
    show = rest[-1] == "show"
    print("%-44s %7s %7s %7s %7s %7s" % ("page", "ours", "theirs", "both", "only o.", "only t."))
    for path in rest[: len(rest) - show]:
        compare(tool, path, show)


main()
