"""Golden vocabularies and ids of Hugging Face's BertWordPieceTokenizer, written beside this script.

Run: python3 make.py          (Python 3.11, tokenizers 0.23.3; zstd on the PATH)

README lists the files. Its trainer follows the order of a hash map, so vocab.txt and cut.txt differ
a little at each run; all else follows from them and from the fixed seed.
"""
import pathlib
import random
import subprocess
import zlib

from tokenizers import BertWordPieceTokenizer, __version__
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

assert __version__ == "0.23.3", __version__
HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parents[2] / "pipelines" / "corpus-ko.txt"
SETTINGS = [(False, False), (True, False), (False, True), (True, True)]    # lower case, strip accents
NAMES = ["plain", "lower", "strip", "both"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

CASES = [
    # ordinary text
    "나는 워드피스 토크나이저를 써요. 성능이 좋은지 테스트 해보려 합니다.",
    "The quick brown fox doesn't jump; he'll re-think it (twice)!", "3.14 1,000원 50% $5 a+b=c",
    "", " ", "   \t  ", "a", "가", ".", "...", "a.b.c", "e-mail@example.com/~x_y", "##", "##a", "a##b", "#",
    # special tokens, whole, inside words, in the wrong case, broken
    "[MASK]", "a[MASK]b", "[CLS] 가 [SEP]", "[[MASK]]", "[MASK][MASK]", "[mask]", "[MASK", "MASK]",
    "[UNK]", "[PAD]x[UNK]y[SEP]", "[ MASK ]", "[MA\u0301SK]", "[MASK]\u0301", "a [MASK]\u3000b", "[CLS[SEP]",
    "[MA\u200bSK]", "\u200b[MASK]", "[unused1]",
    # controls, formats, private use, unassigned
    "a\x00b", "a\x01b\x1fc", "a\x0bb\x0cc", "a\x1cb\x1db", "a\x7fb", "a\x85b", "a\xadb", "a\u200bb", "a\u200db",
    "a\ufeffb", "a\ufffdb", "a\ue000b", "a\U000f0000b", "a\U0010fffdb", "a\ufffeb", "a\U000e0001b", "a\u0378b",
    "a\u0604b", "a\u061cb", "a\u08e2b", "a\u180eb", "a\U000110bdb", "a\U000110cdb", "a\U00013430b", "a\U000e0fffb",
    # white space
    "a\tb", "a\rb", "a \r b", "a\u00a0b", "a\u1680b", "a\u2000b\u200ac", "a\u2028b", "a\u2029b", "a\u202fb",
    "a\u205fb", "a\u3000b", "\u3000", "  a  b  ", "a\x1eb",
    # punctuation: ASCII, P, what came after Unicode 8, symbols that are none
    "".join(map(chr, range(33, 127))), "a\u00a7b\u00b6c\u00b7d", "a\u00a9b\u00aec\u00b0d", "“a” ‘b’ «c» 「d」 『e』 〈f〉",
    "a…b—c–d", "a。b、c？d！e", "a\u2e43b\u2e44c\u2e52d", "a\U0001f642b\U0001f1f0\U0001f1f7c", "\u20ac5 \u00a35 \uffe65",
    "a\U00011660b\U00010ad6c", "\uff01\uff0c\uff3b\uff3d\uff1a", "a\u037eb", "a\u1fefb", "a\u0387b",
    # ideographs, also those of their compatibility blocks, and what is near them
    "訓民正音은", "a一b鿿c", "㐀䶿", "\U00020000\U0002a6df\U0002a6e0", "\U0002a700\U0002b73f\U0002b740\U0002b81f\U0002b820",
    "\U0002b91f\U0002b920\U0002ceaf\U0002ceb0", "\uf900\ufaff", "\U0002f800\U0002fa1f\U0002fa20", "カタカナひらがな", "ㄱㄴㄷ ㅏㅑ",
    "漢\u0301字", "豈更車", "a\u3007b\u3005c", "\U00030000",
    # combining marks, composed and not; order; Hangul syllables and letters
    "caf\u00e9 cafe\u0301", "\u00c5ngstr\u00f6m A\u030a", "\u1e69 s\u0323\u0307 s\u0307\u0323", "\u0301a \u0301", "a\u0344b \u0340c",
    "각 \u1100\u1161\u11a8 \u1112\u1161\u11ab\u1100\u1173\u11af", "가\u11a8", "\u1100\u1161\u302e\u302f", "\ua960\ud7b0",
    "\U0001d165\u302e\U0001d16d", "\u302f\U0001d165 \u302e\u0301\U0001d165", "\U0001d15e\u302e\U0001d165", "\u302e\u0941\U0001d165",
    "\U0001d160\U0001d16d\U0001d165", "\u302e\u200b\U0001d165", "\u302e[MASK]\U0001d165", "\u302e.\U0001d165", "\u302e漢\U0001d165",
    "\u0f73\u0f75\u0f81", "\u1b3b\u1b3d", "\u0c48\u0cc0\u302e", "\u08d4\u08d5\u1e944\U0001e944\U0001e94a", "\u0dda\u0ddc\u0dde",
    "\u1109\u1165\u11bc\u1102\u1173\u11bc", "한\u302e글", "\ufb1d\ufb2a", "\u0958\u09dc", "\u2126\u212a\u212b",
    # case
    "ÀÉÎÕÜ ß ẞ", "İstanbul ıI", "ΑΣ ΣΑΣ ΟΔΟΣ", "ǅ Ǆ ǆ", "ÇA VA", "ЖУК Ѐ Й", "Ա\u0587", "ꭰᎠ", "𐐀𐐨 𞤀", "Ⅷ Ⓐ", "ＡＢＣ", "\u1c89\ua7cb\ua7da",
    "\u1e9e\u0130\u0307", "ΆΈ \u1fba\u1fbc \u1f88", "ŉ ǰ ΐ", "[MASK] [Mask] MASK",
    # long words: up to 100 code points a word, counted after normalising
    "가" * 100, "가" * 101, "a" * 100, "a" * 101, "각" * 33, "각" * 34, "a" * 99 + "\u0301", "a" * 100 + "\u0301", "a" * 100 + "\u200b",
    "a" * 100 + "." + "b" * 101, "x" * 200 + "[MASK]" + "y" * 5, "é" * 100, "é" * 51,
    # what a cache of short pieces might confuse
    "aaaaaaaa", "aaaaaaaaaaaaaaaa", "a" * 31, "a" * 32, "a" * 33, "가나다라마바사아자차카", "가나다라마바사아자차카 가나다라마바사아자차캬",
    "a\x00 a a\x00\x00", "가.나,다!라?마", "1,2,3,4,5,6,7,8,9", "!!!!!!!", "!!!!!!!!", "a b c d e f g h i j k l m n o p",
]
ODD_VOCAB = ("[UNK]\r\n[CLS]\r\n[SEP]  \n\na\n##b\u00a0\nb\u3000\n##a\t\nab\n##\n#\n   \na\n##b\n가\r\n##가 나\nx\x1f\n.\x0b\n,\x85\n"
             "MASK\n##[MASK]\n[PAD]\u200b\n\n각\nｶ\nab\nabb")


def random_lines(count, seed):
    """Lines of all kinds of characters; no line feed, no surrogate."""
    draw = random.Random(seed)
    everything = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000 and c != 10]
    kinds = [everything, range(0x20, 0x7F), range(0x20, 0x7F), range(0xAC00, 0xD7A4), range(0xA0, 0x600), range(0x300, 0x370),
             range(0x1100, 0x1200), range(0x2000, 0x2070), range(0x3000, 0x3400), range(0x4E00, 0x5000), range(0xF900, 0xFB00),
             range(0x1D15E, 0x1D1AE), [0x302E, 0x302F, 0x8D4, 0x1D165, 0x1D16D, 0x1E944, 0x1E94A, 0x345], range(0x1F300, 0x1F700)]
    words = SPECIAL + ["  ", "\u3000", "\u200b", "[mask]"]
    for _ in range(count):
        line = ""
        for _ in range(draw.randrange(24)):
            line += draw.choice(words) if draw.random() < 0.04 else chr(draw.choice(draw.choice(kinds)))
            line += " " * (draw.random() < 0.1)
        yield line.rstrip("\r")


def tokenizer(vocab, setting):
    return BertWordPieceTokenizer(str(vocab), lowercase=setting[0], strip_accents=setting[1])


def encode(tokens, lines):
    return [" ".join(map(str, e.ids)) for e in tokens.encode_batch(lines, add_special_tokens=False)]


def write(name, lines):
    (HERE / name).write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")


def write_zst(name, lines):
    write(name, lines)
    subprocess.run(["zstd", "-q", "-f", "-19", "--rm", str(HERE / name)], check=True)


def train(files, setting=(False, False), **how):
    tokens = BertWordPieceTokenizer(lowercase=setting[0], strip_accents=setting[1])
    tokens.train([str(f) for f in files], show_progress=False, **how)
    return [token for token, _ in sorted(tokens.get_vocab().items(), key=lambda item: item[1])]


def crc(text):
    return "%08x" % zlib.crc32(text.encode())


def code_points():
    """For each 4096 code points, what becomes of a?b with each in place of ?: a CRC a setting."""
    split = BertPreTokenizer().pre_tokenize_str
    steps = [BertNormalizer(lowercase=low, strip_accents=strip).normalize_str for low, strip in SETTINGS]
    for first in range(0, 0x110000, 4096):
        cps = [c for c in range(first, first + 4096) if not 0xD800 <= c < 0xE000]
        yield " ".join(crc("".join(" ".join(w for w, _ in split(step(f"a{chr(c)}b"))) + "\n" for c in cps)) for step in steps)


def main():
    corpus = CORPUS.read_text(encoding="utf-8").splitlines()
    write("vocab.txt", train([CORPUS], vocab_size=4000, limit_alphabet=6000, min_frequency=2))
    write("cut.txt", train([CORPUS], vocab_size=2000, limit_alphabet=500, min_frequency=2))
    write_zst("corpus.ids", encode(tokenizer(HERE / "vocab.txt", SETTINGS[0]), corpus))

    write("cases.txt", CASES)
    hard = list(random_lines(3000, 1))
    write("hard.txt", hard)
    tokens = list(SPECIAL)
    for setting in SETTINGS:
        tokens += train([HERE / "cases.txt", HERE / "hard.txt"], setting, vocab_size=2500, limit_alphabet=900, min_frequency=2)
    write("hard-vocab.txt", dict.fromkeys(tokens))
    write_zst("hard.txt", hard)
    encoders = [tokenizer(HERE / "hard-vocab.txt", setting) for setting in SETTINGS]
    write_zst("hard.crc", map(" ".join, zip(*([crc(ids) for ids in encode(e, hard)] for e in encoders))))
    for name, e in zip(NAMES, encoders):
        write(f"cases-{name}.ids", encode(e, CASES))
    for skip in (True, False):
        batch = [e.ids for e in encoders[0].encode_batch(CASES, add_special_tokens=False)]
        write("cases.decoded" if skip else "cases.decoded-special", encoders[0].decode_batch(batch, skip_special_tokens=skip))

    (HERE / "odd-vocab.txt").write_text(ODD_VOCAB, encoding="utf-8", newline="")
    write("cases-odd.ids", encode(tokenizer(HERE / "odd-vocab.txt", SETTINGS[0]), CASES))
    write("codepoints.crc", code_points())


if __name__ == "__main__":
    main()
