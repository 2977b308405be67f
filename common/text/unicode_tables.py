#!/usr/bin/env python3
"""Write unicode_tables.c: what Hugging Face's BERT normaliser does to every code point.

Run: python3 unicode_tables.py > unicode_tables.c     (Python 3.11, tokenizers 0.23.3)

Nothing is taken from a Unicode database: each class and mapping is what the normaliser showed when
it was given that code point. So the tables follow its mix of versions: categories as of Unicode 8,
decomposition and combining order as of Unicode 9, white space and lower case as of Unicode 17.
unicode.h says what the classes mean.
"""
from tokenizers import __version__
from tokenizers.normalizers import NFD, BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

assert __version__ == "0.23.3", __version__
DROP, SPACE, CJK, PUNCT, LOWER, STRIP, MARK = (1 << bit for bit in range(7))
SHIFT = 7                                   # a block of the two-stage table has 128 code points
ALL = [cp for cp in range(0x110000) if not 0xD800 <= cp < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)


def bert(**on):
    steps = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return BertNormalizer(**{**steps, **on}).normalize_str


clean, cjk, strip, lower = (bert(**{step: True}) for step in
                            ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase"))
nfd = NFD().normalize_str
split = BertPreTokenizer().pre_tokenize_str


def combining_order():
    """A number for each combining mark: normalising sorts them by it, 0 (left out) stands still."""
    alone = [chr(cp) for cp in ALL if nfd(chr(cp)) == chr(cp)]
    low, high = "\u0334", "\u0345"          # canonical combining classes 1 and 240, the ends
    assert nfd(high + low) == low + high
    marks = [c for c in alone if c in low + high or nfd(c + low) != c + low or nfd(high + c) != high + c]
    groups = []                             # one mark of each class, ascending
    order = {}
    for c in marks:
        after = sum(nfd(c + g) != c + g for g in groups)
        if after == len(groups) or nfd(groups[after] + c) != groups[after] + c:
            groups.insert(after, c)
    for c in marks:
        order[ord(c)] = 1 + sum(nfd(c + g) != c + g for g in groups)
    return order


def classes(order, stripped, lowered):
    table = bytearray(0x110000)
    for cp in ALL:
        c = chr(cp)
        cleaned = clean("a" + c + "b")
        words = [word for word, _ in split("a" + c + "b")]
        assert cleaned in ("ab", "a b", "a" + c + "b")
        table[cp] = (DROP * (cleaned == "ab") | SPACE * (cleaned == "a b")
                     | CJK * (cjk(c) != c) | PUNCT * (words == ["a", c, "b"])
                     | LOWER * (cp in lowered) | STRIP * (cp in stripped)
                     | MARK * all(ord(x) in order for x in nfd(c)))
        assert words != ["a", "b"] or table[cp] & (DROP | SPACE)   # no other white space is left
    return table


def check(order, stripped, lowered):
    """What normalize.c takes for granted."""
    for cp in ALL:
        kept, parts = stripped.get(cp, chr(cp)), nfd(chr(cp))
        marks = [ord(c) in order for c in parts]
        first = next((i for i, c in enumerate(parts) if marks[i] and c in kept), len(parts))
        assert all(marks[first:]), "nothing parts the marks that are kept"
        assert len(kept) <= 3 and len(lowered.get(cp, "")) <= 2
        assert not any(cp == ord(c) < 0x800 for c in kept if ord(c) in order)
        for c in kept:
            assert len(lowered.get(ord(c), c)) == 1, "stripped text keeps its length in lower case"
            assert not (ord(c) in order and ord(c) in lowered)
        if all(marks) and cp in stripped:
            assert kept == "", "a mark that does not stay leaves nothing"


def rows(items, per_line=96):
    line, out = "   ", []
    for item in items:
        if len(line) + len(item) + 2 > per_line:
            out.append(line)
            line = "   "
        line += " " + item + ","
    return "\n".join(out + [line])


def print_map(name, entries):
    body = ("{%d, {%s}}" % (cp, ", ".join(map(str, to))) for cp, to in sorted(entries.items()))
    print(f"\nconst struct uni_map {name}[] = {{\n{rows(body)}\n}};")
    print(f"const unsigned {name}_n = sizeof {name} / sizeof *{name};")


def main():
    order = combining_order()
    stripped = {cp: strip("a" + chr(cp))[1:] for cp in ALL if strip("a" + chr(cp)) != "a" + chr(cp)}
    lowered = {cp: lower(chr(cp)) for cp in ALL if lower(chr(cp)) != chr(cp)}
    check(order, stripped, lowered)
    table = classes(order, stripped, lowered)
    blocks, index = [], []
    for at in range(0, 0x110000, 1 << SHIFT):
        block = bytes(table[at:at + (1 << SHIFT)])
        if block not in blocks:
            blocks.append(block)
        index.append(blocks.index(block))
    print("/* Written by unicode_tables.py from tokenizers", __version__ + "; do not edit. */")
    print("/* clang-format off */\n#include \"text/unicode.h\"")
    print(f"\nconst uint16_t uni_index[] = {{\n{rows(map(str, index))}\n}};")
    print(f"\nconst uint8_t uni_blocks[][{1 << SHIFT}] = {{")
    print(",\n".join("    {\n" + rows(map(str, block)) + "\n    }" for block in blocks) + "\n};")
    print_map("uni_lower", {cp: [ord(c) for c in to] for cp, to in lowered.items()})
    print_map("uni_strip", {cp: [ord(c) for c in to] for cp, to in stripped.items()
                            if to and cp not in HANGUL})
    print_map("uni_order", {cp: [order[ord(nfd(chr(cp))[0])]] for cp in ALL if table[cp] & MARK})


main()
