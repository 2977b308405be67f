# what a GPU may lack or fail at: one line, status 1 and nothing that looks like a result; the plugin that runs on the host
. "$ROOT/tests/cli/cuda/plugin.inc"
case $RF_PLUGIN_PATH in */tests/cuda/*) ;; *) echo 'a GPU does not fail on request' >&2; exit 77 ;; esac
export CUH_LEAKS=0 # of a process that ends in the middle
run() { rf-train -q -c tiny.yaml --train.batch 4 --train.steps 4 -o run --device cuda "$@"; }
# tell COMMAND...: its lines without what depends on versions and sizes, and its status
tell() {
    "$@" >out 2>err
    echo "$?: $(sed -E 's/CUDA [0-9.]+/CUDA N/; s/[0-9.]+ [kMG]B/N/g; s/(batch) [1-9][0-9]+ fits/\1 N fits/' err)"
}
for driver in none no-card; do
    export CUH_DRIVER=$driver
    tell run
    tell rf-train -q -c tiny.yaml --train.steps 1 --data.eval '' -o auto-$driver --device auto
    grep device: auto-$driver/step-00000001/config.yaml
    tell rf-eval -m auto-$driver --device cuda eval.rfs
    tell rf-train -c tiny.yaml --needs 1200 --model.max_len 64 --device cuda
done
unset CUH_DRIVER
for fail in cudaMalloc:1 cudaMalloc:12 cudaMallocHost:1 cudaStreamCreate:1 cublas:9 kernel:1 kernel:200 cudaMemcpy:9; do
    echo "--- $fail"
    CUH_FAIL=$fail tell run
    find run -name 'step-*' 2>/dev/null
    rm -rf run
done
for fail in cudaMalloc:12 cublas:9 kernel:20; do CUH_FAIL=$fail tell rf-eval -q -m auto-none --device cuda eval.rfs; done
echo '--- memory'
CUH_MEMORY_MB=600 tell run --train.batch 4096
CUH_MEMORY_MB=600 tell run --model.dim 2048 --model.depth 12
CUH_MEMORY_MB=540 tell run
CUH_SM=75 tell run --train.dtype bf16 --train.steps 1
CUH_SM=75 tell rf-eval -q -m run --device cuda eval.rfs
CUH_SM=80 tell run --train.dtype tf32 --train.steps 1
