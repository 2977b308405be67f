"""Digests of what Python's decoders say of all short byte strings, written to digests beside this script.

Run: python3 make.py          (about two minutes)

A line a first byte, 00 to ff: CRC-32 over the strings of one byte, of two, of three, and of four (the
other three at the edges of the ranges of Unicode's table 3-7). What is summed up for a string: a byte with
the offset at which the strict decoder stops (the length where it does not), a byte with the length of
what the decoder with errors="replace" gives, in UTF-8, and that.
"""
import itertools
import pathlib
import zlib

EDGES = bytes([0x00, 0x41, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xED, 0xF4, 0xFF])


def verdict(s):
    try:
        s.decode("utf-8")
        stop = len(s)
    except UnicodeDecodeError as e:
        stop = e.start
    fixed = s.decode("utf-8", "replace").encode("utf-8")
    return bytes([stop, len(fixed)]) + fixed


def digest(first, rests):
    return "%08x" % zlib.crc32(b"".join(verdict(bytes((first, *rest))) for rest in rests))


def main():
    path = pathlib.Path(__file__).resolve().parent / "digests"
    with open(path, "w", encoding="ascii") as f:
        for first in range(256):
            sums = [digest(first, itertools.product(range(256), repeat=n)) for n in range(3)]
            sums.append(digest(first, itertools.product(EDGES, repeat=3)))
            print(f"{first:02x}", *sums, file=f)


main()
