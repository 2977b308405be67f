"""larger.py FROM TO: a shard of one part that says its vocabulary has 1000 tokens more, digests right."""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from xxh3 import digest128

data = bytearray(open(sys.argv[1], "rb").read())
size, chain = struct.unpack_from("<I", data, 20)[0], struct.unpack_from("<I", data, 64)[0]
struct.pack_into("<I", data, 20, size + 1000)
data[72 + chain : 88 + chain] = digest128(data[: 72 + chain])
data[-16:] = digest128(data[:-16])
open(sys.argv[2], "wb").write(data)
