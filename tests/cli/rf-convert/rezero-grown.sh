# streams beyond 8192, which rezero allows, are no numbers: rf-config(5), model.compat
. "$ROOT/tests/cli/rf-train/data.inc"
run="--model.compat reformer-pytorch-1.4.4 --model.norm rezero --train.eval_every 0"
# shellcheck disable=SC2086
rf-train -q -c tiny.yaml -o run $run --train.steps 3
rf-convert -q -o w.safetensors run
python3 - <<'END'
import json, struct
data = bytearray(open("w.safetensors", "rb").read())
n = struct.unpack_from("<Q", data)[0]
for name, entry in json.loads(data[8 : 8 + n]).items():
    if name.endswith(".g"):    # of a branch
        struct.pack_into("<f", data, 8 + n + entry["data_offsets"][0], 1e6)
open("w.safetensors", "wb").write(data)
END
echo 'model: {norm: rezero, chunk: 16, rounds: 1, heads: 2, max_len: 64, compat: reformer-pytorch-1.4.4}' >m.yaml
rf-convert -q -c m.yaml -V vocab.txt -o grown w.safetensors
rf-eval -m grown eval.rfs | cut -f 4,5
echo '나는 [MASK].' | rf-fill -V vocab.txt -m grown
# shellcheck disable=SC2086
rf-train -q -c tiny.yaml -o on --train.from grown $run
#out
# loss	ppl
# -	-
#err
# rf-fill: 'standard input', line 1: what the model says is no number
# rf-train: loss or gradient not finite in 5 steps in a row, to step 5; no good checkpoint
#exit 1
