"""claims.py FOLDER FILE FROM TO: in a file of a checkpoint put TO for FROM, and make its manifest right again."""
import ctypes
import pathlib
import struct
import sys


class Hash(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


lib = ctypes.CDLL("libxxhash.so.0")
lib.XXH3_128bits.restype = Hash
lib.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def digest(data):
    h = lib.XXH3_128bits(data, len(data))
    return struct.pack(">QQ", h.high, h.low).hex()


folder = pathlib.Path(sys.argv[1])
path = folder / sys.argv[2]
was, now = (text.encode() for text in sys.argv[3:])
data = path.read_bytes()
assert data.count(was) == 1, f"{was} is {data.count(was)} times in {path}"
path.write_bytes(data.replace(was, now))
names = ["weights.safetensors", "optim.safetensors", "config.yaml", "state"]
files = {name: (folder / name).read_bytes() for name in names}
text = "rf-checkpoint 1\n" + "".join(f"{digest(files[n])} {len(files[n])} {n}\n" for n in names)
(folder / "MANIFEST").write_text(text + digest(text.encode()) + "\n")
