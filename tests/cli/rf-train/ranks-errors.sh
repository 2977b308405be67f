# what one rank or all of them fail with ends all, with one line and one status
. "$ROOT/tests/cli/rf-train/ranks.inc"
try() { # RANKS OPTION...
    several "$1" try "${@:2}" 2>&1
    echo "$?"
}
mkdir try
try 16
try 2 --optim.in_backward --optim.clip 0 --train.slots 1
try 2 --dry-run
try 2 --data.train -
try 4 --data.train none.rfs
try 4 --model.max_len 32
mkdir -p try/run/vocab.txt # rank 0 alone writes that
try 4
rm -r try/run
ls try

# streams beyond 8192 are no numbers
compat=(--model.compat reformer-pytorch-1.4.4 --model.norm rezero)
rf-train -q -c tiny.yaml -o small "${compat[@]}" --train.steps 1 --train.eval_every 0
rf-convert -q -o w.safetensors small
python3 - <<'END'
import json, struct
data = bytearray(open("w.safetensors", "rb").read())
n = struct.unpack_from("<Q", data)[0]
for name, entry in json.loads(data[8 : 8 + n]).items():
    if name.endswith(".g"):
        struct.pack_into("<f", data, 8 + n + entry["data_offsets"][0], 1e6)
open("w.safetensors", "wb").write(data)
END
echo 'model: {norm: rezero, chunk: 16, rounds: 1, heads: 2, max_len: 64, compat: reformer-pytorch-1.4.4}' >m.yaml
rf-convert -q -c m.yaml -V vocab.txt -o grown w.safetensors
try 4 --train.from ../grown "${compat[@]}" --train.eval_every 0

# a rank whose files are not those of the others
apart() { # FOLDER OPTION...: rank N begins in FOLDER-N
    mkdir -p "$1"
    # shellcheck disable=SC2016 # each rank has a folder of its own
    timeout -k 5 60 mpirun -n 4 bash -c 'cd "$0-$OMPI_COMM_WORLD_RANK" && exec rf-train "$@"' "$PWD/$1" -q --ranks 4 -c tiny.yaml \
        --train.slots 4 --train.steps 4 -o "$PWD/$1/run" "${@:2}" 2>&1
    echo "$?: $(ls "$1"/run 2>/dev/null | grep -c step)"
}
folders() {
    for i in 0 1 2 3; do
        rm -rf "$1-$i"
        mkdir "$1-$i"
        cp ./*.rfs vocab.txt tiny.yaml "$1-$i"
    done
}
folders some
head -c 3000 train.rfs >some-2/train.rfs
apart some
folders some
cp eval.rfs some-1/train.rfs
apart some
folders some
echo 'model: {dim: 64}' >>some-3/tiny.yaml
sed -i '/^model:/,/^optim:/s/depth: 2/depth: 1/; /^model: {/d' some-3/tiny.yaml
apart some
#out
# rf-train: train.slots 8 cannot be shared out to 16 ranks: say --ranks 8, or train.slots 16
# 2
# rf-train: optim.in_backward is for one rank, not for 2
# 2
# rf-train: --dry-run is for one rank
# 2
# rf-train: standard input cannot be read by several ranks
# 2
# rf-train: cannot open 'none.rfs': No such file or directory
# 1
# rf-train: model.max_len is 32, but the data have sequences of up to 64: say --model.max_len 64, or make them with --max-len 32
# 1
# rf-train: cannot write 'run/vocab.txt': Is a directory
# 1
# eval.rfs
# tiny.yaml
# tokens.rfs
# train.rfs
# vocab.txt
# rf-train: loss or gradient not finite in 5 steps in a row, to step 5; no good checkpoint
# 1
# rf-train: rank 2: 'train.rfs' is cut off at byte 3000: its end frame is missing
# 1: 0
# rf-train: rank 1 has other training data than rank 0
# 1: 0
# rf-train: rank 3 has other settings than rank 0
# 1: 0
