"""bomb.py NAME: small shards with right digests that would fill the memory or the disk, to standard output.

record  one sequence of 2^26 ids, all 0: 128 MiB from 4 KB
count   17 million sequences of one id, of up to 2^26: 226 MiB from 11 KB, and npy without end
empty   one document of 2^26 - 2 sentences without an id
rows    ten sequences of one id, of up to 2^26
frames  frames of 8 MiB, a quarter of them in 5 KB
"""
import ctypes
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from xxh3 import digest64, digest128

zstd = ctypes.CDLL("libzstd.so.1")
zstd.ZSTD_createCCtx.restype = ctypes.c_void_p
zstd.ZSTD_CCtx_setParameter.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
zstd.ZSTD_compressBound.restype = zstd.ZSTD_compress2.restype = ctypes.c_size_t
zstd.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
zstd.ZSTD_compress2.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
context = zstd.ZSTD_createCCtx()
zstd.ZSTD_CCtx_setParameter(context, 201, 1)    # a checksum of the content


def compress(data):
    out = ctypes.create_string_buffer(zstd.ZSTD_compressBound(len(data)))
    size = zstd.ZSTD_compress2(context, out, len(out), data, len(data))
    return out.raw[:size]


def shard(kind, max_len, frames):
    """frames: (payload, records, tokens)"""
    head = struct.pack("<II8sBBBBII5i16sII", 0x184D2A52, 80, b"\x89RFS\r\n\x1a\n", 1, kind, 2, 0, 100, max_len,
                       0, 1, 2, 3, 4, bytes(16), 0, 0)
    part, index, records, tokens = head + digest128(head), b"", 0, 0
    for payload, n, t in frames:
        data = compress(payload)
        lead = struct.pack("<IIIIQII", 0x184D2A54, 40, len(data), len(payload), records, n, t) + digest64(data)
        index += struct.pack("<QQ", len(part), records)
        part += lead + digest64(lead) + data
        records, tokens = records + n, tokens + t
    end = struct.pack("<II", 0x184D2A57, len(index) + 64) + index + struct.pack(
        "<QQQQII", len(part), records, tokens, 0, len(index) // 16, 0)
    end += digest64(end)
    return part + end + digest128(part + end)


def ones(n):    # n sequences of one id
    return bytes(8 * n) + struct.pack("<I", 1) * n + bytes(2 * n), n, n


MOST = 1 << 26
if sys.argv[1] == "record":
    out = shard(2, MOST, [(bytes(8) + struct.pack("<I", MOST) + bytes(2 * MOST), 1, MOST)])
elif sys.argv[1] == "count":
    out = shard(2, MOST, [ones(17 << 20)])
elif sys.argv[1] == "empty":
    out = shard(1, 0, [(bytes(8) + struct.pack("<I", MOST - 4) + bytes(4 * (MOST - 4)), 1, 0)])
elif sys.argv[1] == "rows":
    out = shard(2, MOST, [ones(10)])
else:
    out = shard(2, 8, [ones((8 << 20) // 14)] * 12)
sys.stdout.buffer.write(out)
