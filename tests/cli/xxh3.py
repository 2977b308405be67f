"""XXH3 of bytes, in the order in which shards and checkpoints have it, by the library itself."""
import ctypes
import struct


class Hash(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


lib = ctypes.CDLL("libxxhash.so.0")
lib.XXH3_64bits.restype = ctypes.c_uint64
lib.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
lib.XXH3_128bits.restype = Hash
lib.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def digest64(data):
    return struct.pack(">Q", lib.XXH3_64bits(bytes(data), len(data)))


def digest128(data):
    h = lib.XXH3_128bits(bytes(data), len(data))
    return struct.pack(">QQ", h.high, h.low)
