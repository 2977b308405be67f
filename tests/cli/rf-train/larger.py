"""larger.py FROM TO: a shard of one part that says its vocabulary has 1000 tokens more, digests right."""
import ctypes
import struct
import sys


class Hash(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


lib = ctypes.CDLL("libxxhash.so.0")
lib.XXH3_128bits.restype = Hash
lib.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def digest(data):
    h = lib.XXH3_128bits(bytes(data), len(data))
    return struct.pack(">QQ", h.high, h.low)


data = bytearray(open(sys.argv[1], "rb").read())
size, chain = struct.unpack_from("<I", data, 20)[0], struct.unpack_from("<I", data, 64)[0]
struct.pack_into("<I", data, 20, size + 1000)
data[72 + chain : 88 + chain] = digest(data[: 72 + chain])
data[-16:] = digest(data[:-16])
open(sys.argv[2], "wb").write(data)
