"""wide.py FROM TO: weights whose feed-forward layers are 65 times as wide as the model, all zero."""
import json
import struct
import sys

data = open(sys.argv[1], "rb").read()
size = struct.unpack_from("<Q", data)[0]
tensors = {k: v["shape"] for k, v in json.loads(data[8 : 8 + size]).items() if k != "__metadata__"}
wide = 65 * tensors["token_emb.weight"][1]
header, at = {}, 0
for name, shape in tensors.items():
    if ".w1." in name:
        shape[0] = wide
    if name.endswith(".w2.weight"):
        shape[1] = wide
    n = 4
    for d in shape:
        n *= d
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + n]}
    at += n
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
open(sys.argv[2], "wb").write(struct.pack("<Q", len(text)) + text + bytes(at))
