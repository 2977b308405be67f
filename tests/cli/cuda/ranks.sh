# slow
# ranks whose cards reach each other write what one rank writes, and what those write that exchange through the host
. "$ROOT/tests/cli/cuda/plugin.inc"
plugins=$RF_PLUGIN_PATH
. "$ROOT/tests/cli/rf-train/ranks.inc"
export RF_PLUGIN_PATH=$plugins:$BIN
ranks() { timeout -k 5 300 mpirun -n "$@"; }
unset CUDA_VISIBLE_DEVICES
# The plugin for the processor is its own NCCL, and must find no other; one that cannot be loaded is as good as none.
mkdir nccl none
true >none/libnccl.so.2
if [ "$plugins" = "$BUILD/tests/cuda/plain" ]; then
    ln -s "$plugins/reformer-cuda.so" nccl/libnccl.so.2
elif [ "$(nvidia-smi -L | wc -l)" -lt 4 ]; then
    echo 'there are not four cards' >&2
    exit 77
fi
export LD_LIBRARY_PATH=$PWD/nccl${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
# go RANKS FOLDER OPTION...: a run that a processor gets through; says by which way ranks exchange.
go() {
    mkdir "$2"
    cp ./*.rfs vocab.txt tiny.yaml "$2"
    (cd "$2" && ranks "$1" rf-train -v --ranks "$1" -c tiny.yaml --device cuda --model.depth 1 --model.dim 16 --model.heads 1 \
        --train.slots 4 --train.batch 1 --train.steps 2 --train.log_every 1 --train.eval_every 0 --data.eval '' --optim.ema 0.9 \
        "${@:3}" >said 2>&1
    status=$?
    [ $status = 0 ] || echo "$2: status $status"
    sed -n "s,/[^ ]*/none/,none/,; s/^rf-train: ranks exchange/$2:/p; s/^rf-train: \(NCCL failed\)/$2: \1/p" said)
}
go 1 one
LD_LIBRARY_PATH=$PWD/none go 2 host
go 2 two
CUH_ORDER=random go 4 four --train.graphs
alike bits one host two
sed -i s/graphs:.*/graphs:/ {one,four}/run/step-*/config.yaml
alike graphs one four

# what keeps cards apart is found before the first step, and all ranks go the other way
CUDA_VISIBLE_DEVICES=0 go 2 shared --train.steps 1
# what does so later ends all, and so does a rank that is lost, which is said as of any other
[ -e nccl/libnccl.so.2 ] || exit 0
CUH_FAIL=ncclLost:3 go 2 cut --train.steps 1
# shellcheck disable=SC2016 # each rank tells its own number
ranks() { timeout -k 5 300 mpirun -n "$1" bash -c 'echo $$ >"pid-$OMPI_COMM_WORLD_RANK" && exec "$@"' - "${@:2}"; }
go 2 killed --train.steps 1000 >status &
for ((i = 0; i < 2000; i++)); do
    [ "$(wc -l 2>/dev/null <killed/run/log.tsv)" -gt 1 ] 2>/dev/null && break
    sleep 0.05
done
kill -KILL "$(cat killed/pid-1)"
wait
sed -E 's/(71|137)$/71, or 137 where mpirun saw it first/' status
#out
# host: through the host's memory: none/libnccl.so.2: file too short
# two: by NCCL
# four: by NCCL
# bits: alike
# graphs: alike
# shared: through the host's memory: rank 0: NCCL failed at ncclCommInitRankConfig: invalid usage
# cut: status 1
# cut: by NCCL
# cut: NCCL failed at ncclCommGetAsyncError: remote process exited or there was a network error
# killed: status 71, or 137 where mpirun saw it first
# killed: by NCCL
