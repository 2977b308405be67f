#!/usr/bin/env python3
"""Write mediawiki_tables.c: the words that MediaWiki's languages have for namespaces, for
redirects, for the options of files, for switches such as __NOTOC__ and for some functions. Only
names are taken from its message files.

    python3 mediawiki_tables.py VERSION languages/messages > mediawiki_tables.c

The folder is that of a copy of MediaWiki, VERSION is what the first line of the result says.
"""
import re
import sys
from pathlib import Path

# Namespaces in the order in which one of them gets a name that several have.
KEYS = {
    "NS_FILE": 6,
    "NS_CATEGORY": 14,
    "NS_TEMPLATE": 10,
    "NS_MEDIA": -2,
    "NS_SPECIAL": -1,
    "NS_TALK": 1,
    "NS_USER": 2,
    "NS_MEDIAWIKI": 8,
    "NS_HELP": 12,
}
FUNCTIONS = ("formatnum", "lc", "uc", "lcfirst", "ucfirst")
STRING = r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\""""
WIDTH = 96
NAME_BYTES = 64


def array(source, name):
    found = re.search(r"\$%s\s*=\s*(?:\[|array\()(.*?)\n(?:\]|\));" % name, source, re.S)
    return found.group(1) if found else ""


def text_of(pair):
    return re.sub(r"\\(.)", r"\1", pair[0] or pair[1])


def fold(name):
    """The same as wiki_fold() of namespaces.c."""
    return "".join(c.lower()[0] for c in " ".join(name.replace("_", " ").split()))


def read(folder):
    """Returns the names of each namespace, those in English, and the other words by kind."""
    names = {key: set() for key in KEYS}
    redirects, options, switches, functions = set(), set(), set(), {}
    files = sorted(Path(folder).glob("Messages*.php"))
    assert len(files) > 300
    # English first: its names are those of every wiki.
    files.sort(key=lambda path: path.name != "MessagesEn.php")
    for path in files:
        source = path.read_text(encoding="utf-8")
        for key, *name in re.findall(r"^\s*(NS_\w+)\s*=>\s*(?:%s)" % STRING,
                                     array(source, "namespaceNames"), re.M):
            names.get(key, set()).add(fold(text_of(name)))
        for *name, key in re.findall(r"^\s*(?:%s)\s*=>\s*(NS_\w+)" % STRING,
                                     array(source, "namespaceAliases"), re.M):
            names.get(key, set()).add(fold(text_of(name)))
        for word, body in re.findall(r"^\s*'(\w+)'\s*=>\s*\[(.*?)\],",
                                     array(source, "magicWords"), re.M | re.S):
            words = {text_of(pair).replace("\n", "") for pair in re.findall(STRING, body)}
            words -= {"0", "1", ""}
            switches |= {w[2:-2] for w in words if len(w) > 4 and w[:2] == w[-2:] == "__"}
            if word == "redirect":
                redirects |= {fold(w) for w in words if w[0] in "#＃"}
            elif word.startswith("img_"):
                options |= words
            elif word in FUNCTIONS:
                functions.update((fold(w.rstrip(":：՝")) + ":", word + ":") for w in words)
        if path.name == "MessagesEn.php":
            english = {name: key for key in KEYS for name in names[key]}
    return names, english, redirects, options, switches, functions


def one_key(names, english):
    """Give each name to one namespace."""
    rows = {name: KEYS[key] for key in reversed(KEYS) for name in names[key] if name}
    rows.update((name, KEYS[key]) for name, key in english.items())
    return {name: key for name, key in rows.items() if len(name.encode()) < NAME_BYTES - 6}


def quoted(word):
    return '"%s"' % word.replace("\\", "\\\\").replace('"', '\\"')


def table(head, items):
    print("\n" + head + " = {")
    line = "   "
    for item in items:
        if len(line) + len(item) + 2 > WIDTH:
            print(line)
            line = "   "
        line += " " + item + ","
    print(line + "\n};")


def by_bytes(words):
    return sorted(words, key=str.encode)


def main():
    names, english, redirects, options, switches, functions = read(sys.argv[2])
    rows = one_key(names, english)
    assert functions["수형식:"] == "formatnum:" and "목차숨김" in switches
    assert rows["画像"] == rows["bild"] == 6 and rows["분류"] == 14
    assert "#weiterleitung" in redirects and "thumb" in options
    heads = {w[:-2] for w in options if w.endswith("$1")}
    tails = {w[2:] for w in options if w.startswith("$1")} - {""}
    words = {w for w in options if "$1" not in w}
    assert len(heads) + len(tails) + len(words) == len(options)

    print("/* Written by mediawiki_tables.py from %s; do not edit. */" % sys.argv[1])
    print("/* clang-format off */")
    print('#include "corpus/mediawiki_tables.h"')
    table("const struct mediawiki_namespace mediawiki_namespaces[]",
          ["{%s, %d}" % (quoted(name), rows[name]) for name in by_bytes(rows)])
    table("const struct mediawiki_function mediawiki_functions[]",
          ["{%s, %s}" % (quoted(name), quoted(functions[name])) for name in by_bytes(functions)])
    for name, list_ in (("redirects", redirects), ("options", words), ("option_heads", heads),
                        ("option_tails", tails), ("switches", switches)):
        table("const char *const mediawiki_%s[]" % name, map(quoted, by_bytes(list_)))
    print()
    for name in ("namespaces", "functions", "redirects", "options", "option_heads",
                 "option_tails", "switches"):
        print("const size_t mediawiki_%s_n = sizeof mediawiki_%s / sizeof *mediawiki_%s;"
              % (name, name, name))


main()
