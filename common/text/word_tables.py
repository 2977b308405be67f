#!/usr/bin/env python3
"""Write word_tables.c: what Python's str and re know about every code point in and around words.

Run: python3 word_tables.py > word_tables.c     (Python 3.11, Unicode 14)

Nothing is taken from a Unicode database: each class is what lower() and the \\w of re showed when they
were given that code point. word_class.h says what the classes mean.
"""
import re

CASED, IGNORABLE, WORD = (1 << bit for bit in range(3))
ALL = [cp for cp in range(0x110000) if not 0xD800 <= cp < 0xE000]


def is_final(before):
    """Whether a sigma behind this text ends a word."""
    return (before + "\u03a3").lower()[-1] == "\u03c2"


def word_class(cp):
    c = chr(cp)
    cased = is_final(c)                     # what is ignorable is no answer by itself
    return (CASED * cased | IGNORABLE * (not cased and is_final("a" + c))
            | WORD * bool(re.match(r"\w", c)))


def main():
    ranges = []
    for cp in ALL:
        found = word_class(cp)
        if ranges and ranges[-1][1] == cp - 1 and ranges[-1][2] == found:
            ranges[-1][1] = cp
        elif found:
            ranges.append([cp, cp, found])
    print("/* Written by word_tables.py from Python 3.11; do not edit. */")
    print("/* clang-format off */\n#include \"text/word_class.h\"")
    print("\nconst struct word_range word_ranges[] = {")
    line = "   "
    for row in ranges:
        item = " {%d, %d, %d}," % tuple(row)
        if len(line) + len(item) > 96:
            print(line)
            line = "   "
        line += item
    print(line + "\n};")
    print("const unsigned word_ranges_n = sizeof word_ranges / sizeof *word_ranges;")


main()
