"""A run with two checkpoints, written from rf-checkpoint(5) alone: no code of this project runs.

Run: python3 make.py
Made with Python 3.11, safetensors 0.8.0, numpy 2.4.6, xxhash 4.1.0.

Every released version of the tools must read the files here. When a new version of the format comes,
a new folder goes beside v1.
"""
import pathlib

import numpy as np
import xxhash
from safetensors.numpy import save

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = """model:
  dim: 8
  depth: 1
  heads: 2
"""
STATE = """step: {step}
tokens: {tokens}
log_bytes: 321
vocab_size: 6
mask_id: 4
pad_id: 0
unk_id: 1
cls_id: 2
sep_id: 3
max_len: 16
vocab_digest: 000102030405060708090a0b0c0d0e0f
seconds: 12.25
skipped: 1
skipped_in_row: 0
"""


def digest(data):
    return xxhash.xxh3_128(data).hexdigest()


def write(step, scale):
    word = np.arange(48, dtype=np.float32).reshape(6, 8) * np.float32(scale)
    files = {
        "weights.safetensors": save({"bias": np.float32([scale, -scale]), "word": word}, {"format": "pt"}),
        "optim.safetensors": save({"m.bias": np.float32([0, 1]), "m.word": word / 2}, {"format": "pt"}),
        "config.yaml": CONFIG.encode(),
        "state": STATE.format(step=step, tokens=step * 128).encode(),
    }
    manifest = "rf-checkpoint 1\n" + "".join(f"{digest(data)} {len(data)} {name}\n" for name, data in files.items())
    files["MANIFEST"] = (manifest + digest(manifest.encode()) + "\n").encode()
    folder = HERE / "v1" / f"step-{step:08d}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


write(100, 0.25)
write(200, 0.5)
