"""Conformance files of rf-shard(5), written from the manual alone: good/ and bad/ beside this script.

Run: python3 make.py
Made with Python 3.11, xxhash 4.1.0, zstandard 0.25.0 (zstd 1.5.7).

good/NNNN-name.rfs has what shard-cat must print beside it as .txt. expected.tsv has for each
bad/NNNN-name.rfs its name, a tab, and the one line that shard-cat --check must print on standard error.
"""
import pathlib
import shutil
import struct

import xxhash
import zstandard

HERE = pathlib.Path(__file__).resolve().parent
TOKENS, SEQUENCES, MASKED, QA, CLASSES = 1, 2, 3, 4, 5
SIGNATURE = b"\x89RFS\r\n\x1a\n"
d64 = lambda b: xxhash.xxh3_64(b).digest()  # canonical: big-endian
d128 = lambda b: xxhash.xxh3_128(b).digest()
u16 = lambda *v: struct.pack(f"<{len(v)}H", *v)
u32 = lambda *v: struct.pack(f"<{len(v)}I", *v)
u64 = lambda *v: struct.pack(f"<{len(v)}Q", *(x % 2**64 for x in v))


class Packer:
    """The coding "packed": state that frames of a group share."""
    K = 0x9E3779B97F4A7C15

    def __init__(self):
        self.row1, self.given, self.row2, self.places = {}, {}, {}, {}
        self.all, self.before, self.trust = [], (0, 0, 0), 0  # before: the last symbol first

    def hash(self, *symbols):
        return sum(x << 16 * i for i, x in enumerate(symbols)) * self.K % 2**64

    def match(self):
        """How far back the last place like this one is; this one takes its place."""
        a, b, c = self.before
        line, slot, tag = self.hash(b, c) >> 47, self.hash(a) >> 60, self.hash(a, b, c) >> 20 & 511
        was, was_tag = self.places.get((line, slot), (0, 0))
        here = len(self.all) % 2**23
        self.places[line, slot] = here, tag
        back = (here - was) % 2**23
        return back if was_tag == tag and 0 < back <= len(self.all) else 0

    def rows(self):
        a, b, _ = self.before
        h = self.hash(a, b)
        tag, row = self.row2.get(h >> 44, (0, [0] * 3))
        if tag != h >> 20 & 65535:
            row = [0] * 3
        self.row2[h >> 44] = h >> 20 & 65535, row
        return self.row1.setdefault(a, [0] * 128), row

    def learn(self, s, rows=True):
        if rows:
            r1, r2 = self.rows()
            if s not in r1:
                self.given[self.before[0]] = min(128, self.given.get(self.before[0], 0) + 1)
            for r in r1, r2:
                if s in r:
                    r.remove(s)
                else:
                    r.pop()
                r.insert(0, s)
        self.all.append(s)
        self.before = (s,) + self.before[:2]

    def pack(self, symbols):
        streams, high, low = [b""] * 48, b"", [b""] * 256
        i = 0
        while i < len(symbols):
            back = self.match()
            if back:
                n, start = 0, len(self.all) - back
                most = min(len(symbols) - i, 255, back)
                while n < most and self.all[start + n] == symbols[i + n]:
                    n += 1
                streams[self.trust] += bytes([n])
                self.trust = self.trust // 2 + (0, 1, 2, 2, 3, 3, 3, 3, 4)[min(n, 8)]
                for k in range(n):
                    if k:
                        self.match()
                    self.learn(symbols[i + k], k == 0)
                i += n
                if n == 255 or i == len(symbols):
                    continue
                if n:
                    self.match()
            r1, r2 = self.rows()
            s, given = symbols[i], self.given.get(self.before[0], 0)
            stream = 8 + (4 * (back > 0) + sum(x != 0 for x in r2)) * 5 + sum(given >= x for x in (4, 16, 48, 128))
            code = r2.index(s) if s in r2 else 3 + r1.index(s) if s in r1 else 255
            streams[stream] += bytes([code])
            if code == 255:
                high += bytes([s >> 8])
                low[s >> 8] += bytes([s & 255])
            self.learn(s)
            i += 1
        return u32(*map(len, streams)) + b"".join(streams) + high + b"".join(low)


class Part:
    """One part; keyword arguments that break it are marked `bad`."""

    def __init__(self, kind, vocab=300, max_len=8, special=(0, 1, 2, 3, 4), chain="", version=1,
                 width=None, coding=0, reserved2=None, classes=b"",
                 digest=None, chain_size=None, size=None):
        self.kind, self.max_len, self.vocab, self.coding = kind, max_len, vocab, coding
        self.frames = 0
        self.w = u16 if vocab <= 65536 else u32
        self.p = u16 if max_len <= 65536 else u32
        chain = chain if isinstance(chain, bytes) else chain.encode()
        self.classes = classes = classes if isinstance(classes, bytes) else classes.encode()
        self.l = u16 if kind == CLASSES else self.p if kind == QA else self.w
        head = SIGNATURE + bytes([version, kind, width or (2 if vocab <= 65536 else 4), coding])
        head += u32(vocab, max_len) + struct.pack("<5i", *special) + bytes(range(16))
        head += u32(len(chain) if chain_size is None else chain_size, len(classes) if reserved2 is None else reserved2)
        head += chain + classes
        head = u32(0x184D2A52, len(head) + 16 if size is None else size) + head
        self.bytes = head + (digest or d128(head))
        self.index, self.records, self.tokens, self.labels = b"", 0, 0, 0

    def payload(self, records):
        """Records: tokens (doc, [sentence]), sequences (doc, ids), masked (doc, ids, {position: label}), and
        qa and classes (doc, ids, [(position, label)])."""
        docs, last = [], 0
        for r in records:
            docs.append(r[0] - last)
            last = r[0]
        out = u64(*docs)
        if self.coding:
            return out + self.packed(records)
        if self.kind == TOKENS:
            out += u32(*(len(r[1]) for r in records))
            out += u32(*(len(s) for r in records for s in r[1]))
            return out + self.w(*(i for r in records for s in r[1] for i in s))
        out += u32(*(len(r[1]) for r in records))
        if self.kind >= MASKED:
            out += self.label_columns(records)
        return out + self.w(*(i for r in records for i in r[1]))

    def label_columns(self, records):
        pairs = [sorted(r[2].items()) if self.kind == MASKED else r[2] for r in records]
        out = u32(*map(len, pairs))
        for r in pairs:
            places = [p for p, _ in r]
            out += self.p(*(b - a for a, b in zip([0] + places, places)))
        return out + self.l(*(v for r in pairs for _, v in r))

    def packed(self, records):
        if self.frames % 16 == 0:
            self.packer = Packer()
        self.frames += 1
        if self.kind == TOKENS:
            symbols = [i for r in records for s in r[1] for i in s + [self.vocab]]
            return u32(*(len(r[1]) for r in records)) + self.packer.pack(symbols)
        out, symbols = u32(*(len(r[1]) for r in records)), []
        if self.kind > MASKED:
            out += self.label_columns(records)
        for r in records:
            symbols += [r[2].get(k, i) for k, i in enumerate(r[1])] if self.kind == MASKED else r[1]
        if self.kind == MASKED:
            out += u32(*(len(r[2]) for r in records))
            for r in records:
                places = sorted(r[2])
                out += self.p(*(b - a for a, b in zip([0] + places, places)))
            out += self.w(*(r[1][k] for r in records for k in sorted(r[2])))
        return out + self.packer.pack(symbols)

    def frame(self, records, payload=None, data=None, first=None, n=None, tokens=None, size=None,
              digest=None, lead_digest=None, level=3, **zstd):
        flat = [i for r in records for i in (sum(r[1], []) if self.kind == TOKENS else r[1])]
        payload = self.payload(records) if payload is None else payload
        if data is None:
            zstd = {"write_checksum": True, "write_content_size": True, **zstd}
            data = zstandard.ZstdCompressor(level=level, **zstd).compress(payload)
        first = self.records if first is None else first
        n = len(records) if n is None else n
        tokens = len(flat) if tokens is None else tokens
        lead = u32(0x184D2A54, 40, len(data), len(payload) if size is None else size)
        lead += u64(first) + u32(n, tokens) + (digest or d64(data))
        lead += lead_digest or d64(lead)
        self.index += u64(len(self.bytes), first)
        self.bytes += lead + data
        self.records += n
        self.tokens += tokens
        self.labels += sum(len(r[2]) for r in records) if self.kind >= MASKED else 0
        return self

    def end(self, index=None, records=None, digest=None, reserved=0):
        index = self.index if index is None else index
        tail = u64(len(self.bytes), self.records if records is None else records, self.tokens, self.labels)
        tail += u32(len(self.index) // 16, reserved)
        e = u32(0x184D2A57, len(index) + 64) + index + tail
        e += d64(e)
        self.bytes += e
        self.bytes += digest or d128(self.bytes)
        return self.bytes


def text(kind, records, classes=""):
    join = lambda ids: " ".join(map(str, ids))
    if kind == TOKENS:
        return "".join("".join(join(s) + "\n" for s in r[1]) + "\n" for r in records)
    if kind == SEQUENCES:
        return "".join(join(r[1]) + "\n" for r in records)
    if kind == QA:
        return "".join(f"{join(r[1])}\t{r[2][0][0]}-{r[2][1][0]}\t{r[2][0][1]}-{r[2][1][1]}\n" for r in records)
    if kind == CLASSES:
        return "".join(join(r[1]) + "\t" + classes.split("\n")[r[2][0][1]] + "\n" for r in records)
    return "".join(join(r[1]) + "\t" + " ".join(f"{k}:{v}" for k, v in sorted(r[2].items())) + "\n" for r in records)


numbers = {"good": 0, "bad": 0}
expected = []


def put(folder, name, data, twin):
    numbers[folder] += 1
    path = HERE / folder / f"{numbers[folder]:04}-{name}"
    path.with_suffix(".rfs").write_bytes(data)
    if folder == "good":
        path.with_suffix(".txt").write_text(twin)
    else:
        file = f"bad/{path.name}.rfs"
        message = twin.replace("FILE", f"'{file}'")
        expected.append(f"{file}\tshard-cat: {message}\n")


def good(name, kind, records, frames=None, **header):
    p = Part(kind, **header)
    for f in frames or ([records] if records else []):
        p.frame(f)
    put("good", name, p.end(), text(kind, records, header.get("classes", "")))


def bad(name, data, message):
    put("bad", name, data, message)


SEQ = [(0, [2, 10, 11, 3]), (1, [2, 12, 3])]
DOCS = [(0, [[10, 11], [12]]), (1, [[13]])]
MASK = [(0, [2, 4, 11, 4, 3], {1: 10, 3: 12}), (1, [2, 13, 3], {})]
ANSWERS = [(0, [2, 10, 3, 11, 12, 3], [(3, 4), (4, 4)]), (0, [2, 10, 3, 13, 3], [(3, 0), (3, 0)])]
CLASSED = [(0, [2, 10, 3], [(0, 1)]), (1, [2, 11, 3, 12, 3], [(0, 0)])]
LONG = [(i, [2] + [10 + i] * 5 + [3]) for i in range(6)]


def make_good():
    good("nothing", SEQUENCES, [])
    good("sequences", SEQUENCES, SEQ)
    good("tokens", TOKENS, DOCS, max_len=0)
    good("tokens-empty-lines", TOKENS, [(0, []), (1, [[], [299], []]), (2, [])], max_len=0)
    good("masked", MASKED, MASK)
    good("first-and-last-label", MASKED, [(3, [9, 8, 7], {0: 1, 1: 2, 2: 299})])
    good("largest-16-bit-id", SEQUENCES, [(0, [65535, 0, 256])], vocab=65536)
    good("32-bit-ids", MASKED, [(0, [65536, 70000, 1], {1: 69999})], vocab=70001)
    good("32-bit-gaps", MASKED, [(0, [5, 6, 7], {0: 1, 2: 9})], max_len=65537)
    good("largest-vocabulary", SEQUENCES, [(0, [2**31 - 2])], vocab=2**31 - 1)
    good("no-special-tokens", SEQUENCES, SEQ, special=(-1,) * 5)
    good("document-numbers-go-back", SEQUENCES, [(2**64 - 1, [5]), (3, [6]), (3, [7])])
    good("chain", SEQUENCES, SEQ, chain="wp-encode 0.1.0 lower-case=false\nshard-wiki 0.1.0 name='말뭉치 1'\n")
    good("frames", SEQUENCES, LONG, frames=[LONG[:1], LONG[1:4], LONG[4:]])
    a, b = Part(SEQUENCES, chain="a 1\n").frame(SEQ).end(), Part(SEQUENCES, chain="b 2\n").frame(LONG).end()
    put("good", "parts", a + b, text(SEQUENCES, SEQ + LONG))
    put("good", "parts-without-records", Part(SEQUENCES).end() * 3 + a, text(SEQUENCES, SEQ))
    put("good", "raw-block", Part(SEQUENCES).frame(SEQ, level=-1).end(), text(SEQUENCES, SEQ))
    same = [(i, [7] * 8) for i in range(200)]
    put("good", "small-window", Part(SEQUENCES).frame(same, level=19).end(), text(SEQUENCES, same))
    docs = [(d, [[5 + (d * 7 + line * 3 + i) % 295 for i in range((d * 5 + line * 11) % 17)]
                 for line in range(d % 9)]) for d in range(40)]
    good("forty-documents", TOKENS, docs, frames=[docs[:15], docs[15:]], max_len=0, chain="wp-encode 0.1.0\n")
    good("packed-sequences", SEQUENCES, SEQ, coding=1)
    good("packed-masked", MASKED, MASK, coding=1)
    good("packed-tokens-empty-lines", TOKENS, [(0, []), (1, [[], [299], []]), (2, [])], max_len=0, coding=1)
    good("packed-forty-documents", TOKENS, docs, frames=[docs[:15], docs[15:]], max_len=0, coding=1)
    many = [(i, [(i * i + k * (1 + i % 3)) % (700 if i % 2 else 9) for k in range(1 + i * 7 % 300)]) for i in range(80)]
    good("packed-groups", SEQUENCES, many, frames=[many[i:i + 4] for i in range(0, 80, 4)], vocab=700, max_len=300,
         coding=1)
    good("packed-long-matches", SEQUENCES, [(0, [5, 6, 7] * 300), (1, [5, 6, 7] * 300)], max_len=900, coding=1)
    hidden = [(i, [4 if k % 3 == 1 else 10 + (k + i) % 7 for k in range(8)], {k: 20 + k for k in range(8) if k % 3 == 1})
              for i in range(30)]
    good("packed-masked-thirty", MASKED, hidden, coding=1)
    good("packed-largest-vocabulary", TOKENS, [(0, [[65534, 0, 1], [65534, 0, 1]])], vocab=65535, max_len=0, coding=1)
    put("good", "plain-part-behind-packed", Part(SEQUENCES, coding=1).frame(SEQ).end() + a, text(SEQUENCES, SEQ + SEQ))
    for coding in 0, 1:
        name = "packed-" if coding else ""
        good(name + "qa", QA, ANSWERS, coding=coding)
        good(name + "classes", CLASSES, CLASSED, coding=coding, classes="좋음\nvery bad\n", chain="a 1\n")
        good(name + "qa-beyond-vocabulary", QA, [(0, [5] * 400, [(10, 350), (399, 399)])], coding=coding, max_len=400)
        good(name + "qa-32-bit", QA, ANSWERS, coding=coding, max_len=65537)


def make_bad_headers():
    seq = lambda **k: Part(SEQUENCES, **k).end()
    has = "FILE has "
    bad("empty", b"", "FILE is cut off at byte 0: its end frame is missing")
    bad("text", b"this is a text, not a shard\n", "FILE is not a shard")
    bad("plain-zstd", zstandard.compress(b"hello"), "FILE is not a shard")
    bad("other-skippable-frame", u32(0x184D2A52, 80) + b"RF" * 40, "FILE is not a shard")
    bad("version-2", seq(version=2), "FILE is a shard of another version than this program's")
    bad("unknown-kind", Part(6).end(), has + "a kind that is not known")
    bad("kind-0", Part(0).end(), has + "a kind that is not known")
    bad("unknown-coding", seq(coding=2), has + "a coding that cannot be")
    bad("reserved-word", seq(reserved2=1 << 31), has + "a header with reserved bits or a wrong id width")
    bad("wrong-id-width", seq(width=4), has + "a header with reserved bits or a wrong id width")
    bad("vocabulary-of-0", seq(vocab=0), has + "a vocabulary size that cannot be")
    bad("vocabulary-of-2-31", seq(vocab=2**31), has + "a vocabulary size that cannot be")
    bad("length-0", seq(max_len=0), has + "a maximum length that cannot be")
    bad("length-too-large", seq(max_len=2**26 + 1), has + "a maximum length that cannot be")
    bad("length-of-tokens", Part(TOKENS, max_len=8).end(), has + "a maximum length that cannot be")
    bad("special-beyond", seq(special=(0, 1, 2, 3, 300)), has + "a special token beyond its vocabulary")
    bad("special-negative", seq(special=(-2, 1, 2, 3, 4)), has + "a special token beyond its vocabulary")
    bad("chain-without-line-end", seq(chain="a 1"), has + "a provenance chain without its last line end")
    bad("chain-with-escape", seq(chain="a \x1b[2J\n"), has + "a control character in its provenance chain")
    bad("chain-with-nul", seq(chain="a\0\n"), has + "a NUL in its provenance chain")
    bad("chain-not-utf-8", seq(chain=b"a \xff\n"), has + "a provenance chain that is not UTF-8")
    bad("chain-size-lies", seq(chain="a 1\n", chain_size=3), has + "a header of a wrong size")
    bad("chain-too-large", seq(chain="a" * 200, chain_size=65537, size=80 + 65537), has + "a header of a wrong size")
    bad("header-digest", seq(digest=b"0123456789abcdef"), "checksum wrong in FILE, header")


def make_bad_frames():
    part = lambda **k: Part(SEQUENCES, **k)
    one = lambda *a, **k: part().frame(SEQ, *a, **k).end()
    in1, in2 = " in FILE, frame 1", " in FILE, frame 2"
    broken = "record 0 of FILE cannot be: lengths, ids or positions"
    whole, data = part().frame(SEQ).end(), zstandard.compress(part().payload(SEQ))
    cut = len(part().frame(SEQ).bytes)
    bad("no-end-frame", whole[:cut], f"FILE is cut off at byte {cut}: its end frame is missing")
    bad("cut-in-lead-frame", whole[:120], "FILE is cut off at byte 120: its end frame is missing")
    bad("cut-in-last-digest", whole[:-1], f"FILE is cut off at byte {len(whole) - 1}: its end frame is missing")
    bad("leftover", whole + b"\n", f"FILE goes on after its end frame, byte {len(whole)}")
    bad("cut-in-second-part", whole + whole[:50], f"FILE is cut off at byte {len(whole) + 50}: its end frame is missing")
    bad("lead-digest", one(lead_digest=b"01234567"), "checksum or size wrong" + in1)
    bad("data-digest", one(digest=b"01234567"), "checksum wrong" + in1)
    bad("no-records-in-frame", part().frame([], payload=b"").end(), "checksum or size wrong" + in1)
    bad("payload-too-large", one(size=2**28 + 1), "checksum or size wrong" + in1)
    bad("first-record", part().frame(SEQ).frame(SEQ, first=3).end(), "frame lost, doubled or out of place" + in2)
    bad("frame-twice", part().frame(SEQ).frame(SEQ, first=0).end(), "frame lost, doubled or out of place" + in2)
    bad("alien-frame", part().bytes + u32(0x184D2A5E, 4) + b"seek", "no frame of a shard" + in1)
    bad("data-without-lead", part().bytes + data, "no frame of a shard" + in1)
    bad("no-content-checksum", one(write_checksum=False), "no proper zstd frame" + in1)
    bad("no-content-size", one(write_content_size=False), "no proper zstd frame" + in1)
    bad("two-zstd-frames", one(data=zstandard.ZstdCompressor(write_checksum=True).compress(part().payload(SEQ)) * 2),
        "no proper zstd frame" + in1)
    bad("size-lies", one(size=7), "no proper zstd frame" + in1)
    torn = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(part().payload(SEQ)))
    torn[-1] ^= 1
    bad("content-checksum", one(data=bytes(torn)), "damaged zstd data" + in1)
    good_payload = part().payload(SEQ)
    bad("payload-too-short", one(payload=good_payload[:-1]), "columns of wrong size" + in1)
    bad("payload-too-long", one(payload=good_payload + b"\0"), "columns of wrong size" + in1)
    bad("ids-do-not-add-up", one(tokens=6), "columns of wrong size" + in1)
    bad("more-records-than-payload", one(n=2**32 - 1), "columns of wrong size" + in1)
    bad("empty-sequence", part().frame([(0, [])]).end(), broken)
    bad("sequence-too-long", part().frame([(0, [5] * 9)]).end(), broken)
    bad("id-beyond-vocabulary", part().frame([(0, [300])]).end(), broken)
    bad("id-negative", part(vocab=70000).frame([(0, [2**32 - 1])]).end(), broken)


def make_bad_kinds():
    masked = lambda *r: Part(MASKED).frame(list(r)).end()
    broken = "record 0 of FILE cannot be: lengths, ids or positions"
    wrong, in1 = "columns of wrong size", " in FILE, frame 1"
    bad("label-beyond-vocabulary", masked((0, [5, 6], {1: 300})), broken)
    bad("position-outside", masked((0, [5, 6], {2: 7})), broken)
    gaps = u64(0) + u32(3) + u32(2) + u16(1, 0) + u16(7, 8) + u16(5, 6, 9)
    bad("position-twice", Part(MASKED).frame([(0, [5, 6, 9], {1: 7, 2: 8})], payload=gaps).end(), broken)
    many = u64(0) + u32(1) + u32(2) + u16(0, 1) + u16(7, 8) + u16(5)
    bad("more-labels-than-ids", Part(MASKED).frame([(0, [5], {0: 7})], payload=many).end(), broken)
    lost = u64(0) + u32(1) + u32(2**32 - 1) + u16(5)
    bad("labels-past-payload", Part(MASKED).frame([(0, [5], {})], payload=lost).end(), wrong + in1)
    tokens = lambda payload: Part(TOKENS, max_len=0).frame([(0, [[5]])], payload=payload).end()
    bad("sentences-past-payload", tokens(u64(0) + u32(2**32 - 1) + u32(1) + u16(5)), wrong + in1)
    bad("sentence-past-payload", tokens(u64(0) + u32(1) + u32(2**32 - 1) + u16(5)), wrong + in1)
    first = Part(SEQUENCES).frame(SEQ).end()
    differs = "FILE, part 2, differs in kind, vocabulary or length from what came before"
    bad("parts-of-two-kinds", first + Part(MASKED).frame(MASK).end(), differs)
    bad("parts-of-two-vocabularies", first + Part(SEQUENCES, vocab=301).end(), differs)
    bad("parts-of-two-lengths", first + Part(SEQUENCES, max_len=9).end(), differs)
    bad("parts-of-two-specials", first + Part(SEQUENCES, special=(0, 1, 2, 3, 5)).end(), differs)


def make_bad_ends():
    p = lambda: Part(SEQUENCES).frame(SEQ)
    wrong = "index or totals wrong in FILE, end frame"
    bad("index-offset", p().end(index=u64(0, 0)), wrong)
    bad("index-record", p().end(index=p().index[:8] + u64(1)), wrong)
    bad("index-too-long", p().end(index=p().index * 2), "FILE has an end frame that does not fit its frames")
    bad("totals", p().end(records=3), wrong)
    bad("reserved-in-end", p().end(reserved=1), wrong)
    bad("part-digest", p().end(digest=b"0123456789abcdef"), "checksum wrong in FILE, end frame")


def make_bad_packed():
    """Payloads that no packer writes."""
    head, in1 = u64(0), " in FILE, frame 1"

    def broken(name, ids, streams, high=b"", low=b"", message="ids wrongly packed" + in1, tail=b""):
        sizes = [len(streams.get(i, b"")) for i in range(48)]
        payload = head + u32(ids) + u32(*sizes) + b"".join(streams.get(i, b"") for i in range(48)) + high + low + tail
        part = Part(SEQUENCES, coding=1)
        bad("packed-" + name, part.frame([(0, [5] * ids)], payload=payload).end(), message)

    bad("packed-vocabulary-too-large", Part(SEQUENCES, coding=1, vocab=65536).end(), "FILE has a coding that cannot be")
    # The first symbol is predicted from nothing: stream 8, code 255, then its bytes.
    broken("code-unknown", 1, {8: b"\x83"})
    broken("code-stream-ends", 1, {})
    broken("no-high-byte", 1, {8: b"\xff"})
    broken("odd-rest", 1, {8: b"\xff"}, b"\0", b"\5", tail=b"\0")
    broken("id-beyond", 1, {8: b"\xff"}, b"\1", b"\x2c")
    broken("leftover-code", 1, {8: b"\xff\0"}, b"\0", b"\5")
    broken("leftover-length", 1, {0: b"\1", 8: b"\xff"}, b"\0", b"\5")
    broken("leftover-miss", 1, {8: b"\xff"}, b"\0\0", b"\5\6")
    # Two symbols of 0, from rows that hold nothing else; then a match that goes too far.
    part = Part(SEQUENCES, coding=1)
    whole = Packer().pack([0] * 8)
    sizes = list(struct.unpack("<48I", whole[:192]))
    first = next(i for i in range(8) if sizes[i])
    at = 192 + sum(sizes[:first])
    torn = whole[:at] + b"\xfe" + whole[at + 1:]
    bad("packed-match-too-long", part.frame([(0, [0] * 8)], payload=head + u32(8) + torn).end(),
        "ids wrongly packed" + in1)
    bad("packed-sizes-cut", Part(SEQUENCES, coding=1).frame([(0, [5])], payload=head + u32(1) + b"\0" * 191).end(),
        "ids wrongly packed" + in1)
    huge = u32(2**32 - 1) + u32(*[0] * 47)
    bad("packed-size-too-large", Part(SEQUENCES, coding=1).frame([(0, [5])], payload=head + u32(1) + huge).end(),
        "ids wrongly packed" + in1)
    tokens = lambda symbols, n: Part(TOKENS, max_len=0, coding=1).frame(
        [(0, [[5]])], payload=head + u32(n) + Packer().pack(symbols)).end()
    bad("packed-mark-missing", tokens([300, 5], 1), "ids wrongly packed" + in1)
    bad("packed-mark-twice", tokens([300, 300], 1), "ids wrongly packed" + in1)


def make_bad_answers():
    broken = "record 0 of FILE cannot be: lengths, ids or positions"
    answer = lambda *r: Part(QA).frame([(0, [2, 10, 3, 11, 12, 3], list(r))]).end()
    bad("passage-at-the-start", answer((0, 1), (4, 1)), broken)
    bad("passage-outside", answer((3, 4), (6, 4)), broken)
    bad("answer-before-passage", answer((3, 2), (4, 4)), broken)
    bad("answer-behind-passage", answer((3, 4), (4, 5)), broken)
    bad("answer-ends-first", answer((3, 4), (4, 3)), broken)
    bad("answer-half-missing", answer((3, 0), (4, 4)), broken)
    bad("one-place-of-an-answer", answer((3, 3)), broken)
    classed = lambda *r, **k: Part(CLASSES, classes="a\nb\n", **k).frame([(0, [2, 10, 3], list(r))]).end()
    bad("class-without-name", classed((0, 2)), broken)
    bad("class-elsewhere", classed((1, 1)), broken)
    bad("no-class", classed(), broken)
    bad("two-classes", classed((0, 0), (1, 1)), broken)
    names = lambda text, **k: Part(CLASSES, classes=text, **k).end()
    bad("classes-without-names", names(""), "FILE has names of classes without classes, or classes without names")
    bad("names-in-another-kind", Part(QA, classes="a\n").end(),
        "FILE has a header with reserved bits or a wrong id width")
    lines = "FILE has names of classes that are too long, or no lines of UTF-8"
    bad("class-without-line-end", names("a\nb"), lines)
    bad("class-not-utf-8", names(b"a\xff\n"), lines)
    bad("class-of-no-letters", names("a\n\n"), "FILE has a class without a name, or too many classes")
    bad("too-many-classes", names("".join(f"{i}\n" for i in range(1025))),
        "FILE has a class without a name, or too many classes")
    bad("class-with-escape", names("\x1b[2J\n"), "FILE has a control character in the name of a class")
    bad("class-with-nul", names("a\0\n"), "FILE has a NUL in the name of a class")
    bad("class-twice", names("a\nb\na\n"), "FILE has two classes of one name")
    bad("class-bytes-lie", names("a\nb\n", reserved2=3), "FILE has a header of a wrong size")
    bad("parts-of-two-classes", names("a\n") + names("b\n"),
        "FILE, part 2, differs in kind, vocabulary or length from what came before")


for folder in numbers:
    shutil.rmtree(HERE / folder, ignore_errors=True)
    (HERE / folder).mkdir()
make_good()
make_bad_headers()
make_bad_frames()
make_bad_kinds()
make_bad_ends()
make_bad_packed()
make_bad_answers()
(HERE / "expected.tsv").write_text("".join(expected))
