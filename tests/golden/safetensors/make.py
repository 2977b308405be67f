"""Files for the safetensors reader: good/ written by the safetensors package, bad/ by hand.

Run: python3 make.py
Made with Python 3.11, safetensors 0.8.0, numpy 2.4.6.

The package's own verdict on each bad file is checked while it is made: it refuses them all but those
listed in STRICTER, which it takes and this project does not (README says why).
"""
import json
import pathlib
import struct

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

HERE = pathlib.Path(__file__).resolve().parent
STRICTER = {"type", "dims", "misaligned", "control-name", "empty-name", "extra-key", "space-first"}


def f32(*shape):
    n = int(np.prod(shape, dtype=np.int64))
    return (np.arange(n, dtype=np.float32) / 4 - 1).reshape(shape)


def good():
    yield "empty", {}, None
    yield "one", {"a": f32(2, 3)}, None
    yield "scalar", {"s": f32()}, None
    yield "no-elements", {"a": f32(2), "none": f32(0, 3), "z": f32(1)}, None
    yield "mixed", {"f": f32(3), "i": np.array([[-1, 2]], np.int32), "u": np.arange(5, dtype=np.uint8),
                    "이름": f32(1), 'a"b\\c': f32(1)}, {"key": "값", "other": "a\nb"}
    # what the writer is compared with, byte for byte: names in order, all F32
    yield "ours", {"a.weight": f32(3, 2), "b": f32(), "가": f32(0, 4), "나": f32(2, 1, 1, 2)}, {"format": "pt"}


def raw(header, data=b"", pad=True):
    if not isinstance(header, (str, bytes)):
        header = json.dumps(header, separators=(",", ":"))
    if isinstance(header, str):
        header = header.encode()
    if pad:
        header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + data


def entry(begin, end, shape, dtype="F32", **more):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end], **more}


def bad():
    yield "nothing", b""
    yield "short-length", b"\x08\0\0\0\0"
    yield "no-header", raw("", pad=False)
    yield "header-2e63", struct.pack("<Q", 1 << 63) + b"{}"
    yield "header-17MiB", struct.pack("<Q", 17 << 20) + b"{}"
    yield "header-past-end", struct.pack("<Q", 1000) + b"{}      "
    yield "list", raw("[]")
    yield "space-first", raw(" {}")
    yield "json", raw('{"a":}')
    yield "json-behind", raw('{}{}')
    yield "not-utf8", raw(b'{"\xff":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', b"0123")
    yield "repeated", raw('{"a":%s,"a":%s}' % (json.dumps(entry(0, 4, [1])), json.dumps(entry(4, 8, [1]))), b"01234567")
    yield "repeated-escaped", raw('{"a":%s,"\\u0061":%s}' % (json.dumps(entry(0, 4, [1])), json.dumps(entry(4, 8, [1]))),
                                  b"01234567")
    yield "empty-name", raw({"": entry(0, 4, [1])}, b"0123")
    yield "control-name", raw({"a\nb": entry(0, 4, [1])}, b"0123")
    yield "entry-number", raw({"a": 1})
    yield "no-shape", raw({"a": {"dtype": "F32", "data_offsets": [0, 4]}}, b"0123")
    yield "extra-key", raw({"a": entry(0, 4, [1], more=1)}, b"0123")
    yield "type", raw({"a": entry(0, 8, [1], "F64")}, b"01234567")
    yield "type-unknown", raw({"a": entry(0, 4, [1], "F31")}, b"0123")
    yield "type-number", raw({"a": entry(0, 4, [1], 3)}, b"0123")
    yield "shape-number", raw({"a": entry(0, 4, 1)}, b"0123")
    yield "shape-negative", raw({"a": entry(0, 4, [-1])}, b"0123")
    yield "shape-real", raw({"a": entry(0, 4, [1.0])}, b"0123")
    yield "shape-overflow", raw({"a": entry(0, 0, [1 << 31, 1 << 31, 1 << 2])})
    yield "shape-2e64", raw({"a": entry(0, 0, [1 << 64])})
    yield "dims", raw({"a": entry(0, 4, [1, 1, 1, 1, 1])}, b"0123")
    yield "misfit", raw({"a": entry(0, 8, [1])}, b"01234567")
    yield "offsets-three", raw({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 4]}}, b"0123")
    yield "offsets-descend", raw({"a": entry(8, 4, [1])}, b"01234567")
    yield "offsets-negative", raw({"a": entry(-4, 0, [1])}, b"0123")
    yield "offsets-2e62", raw({"a": entry((1 << 62) - 4, 1 << 62, [1])}, b"0123")
    yield "hole-first", raw({"a": entry(4, 8, [1])}, b"01234567")
    yield "hole", raw({"a": entry(0, 4, [1]), "b": entry(8, 12, [1])}, b"012345678901")
    yield "overlap", raw({"a": entry(0, 8, [2]), "b": entry(4, 12, [2])}, b"012345678901")
    yield "same-place", raw({"a": entry(0, 4, [1]), "b": entry(0, 4, [1])}, b"0123")
    yield "misaligned", raw({"a": entry(0, 1, [1], "U8"), "b": entry(1, 5, [1])}, b"01234")
    yield "data-short", raw({"a": entry(0, 4, [1])}, b"012")
    yield "data-behind", raw({"a": entry(0, 4, [1])}, b"01234")
    yield "metadata-list", raw({"__metadata__": ["a"]})
    yield "metadata-number", raw({"__metadata__": {"a": 1}})
    yield "deep", raw('{"__metadata__":' + '{"a":[' * 2 + ']}' * 2 + '}')
    yield "deeper", raw('{"a":' + "[" * 300 + "]" * 300 + "}")


def write(folder, name, data):
    path = HERE / folder / (name + ".safetensors")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


for name, tensors, metadata in good():
    write("good", name, save(tensors, metadata))
for name, data in bad():
    try:
        load(data)
        taken = True
    except (SafetensorError, KeyError):
        taken = False
    assert taken == (name in STRICTER), (name, taken)
    write("bad", name, data)
