"""claims.py FOLDER FILE FROM TO: in a file of a checkpoint put TO for FROM, and make its manifest right again."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from xxh3 import digest128

folder = pathlib.Path(sys.argv[1])
path = folder / sys.argv[2]
was, now = (text.encode() for text in sys.argv[3:])
data = path.read_bytes()
assert data.count(was) == 1, f"{was} is {data.count(was)} times in {path}"
path.write_bytes(data.replace(was, now))
names = ["weights.safetensors", "optim.safetensors", "config.yaml", "state"]
files = {name: (folder / name).read_bytes() for name in names}
text = "rf-checkpoint 1\n" + "".join(f"{digest128(files[n]).hex()} {len(files[n])} {n}\n" for n in names)
(folder / "MANIFEST").write_text(text + digest128(text.encode()).hex() + "\n")
