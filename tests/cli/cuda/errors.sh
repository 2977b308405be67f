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
CUH_SM=75 tell run -o half --train.dtype bf16 --train.steps 1
CUH_SM=75 tell rf-eval -q -m half --device cuda eval.rfs
CUH_SM=80 tell run -o tf32 --train.dtype tf32 --train.steps 1
#out
# 1: rf-train: device 'cuda': NVIDIA's driver is not there, or older than CUDA N
# 0: 
#   device: cpu
# 1: rf-eval: device 'cuda': NVIDIA's driver is not there, or older than CUDA N
# 1: rf-train: device 'cuda': NVIDIA's driver is not there, or older than CUDA N
# 1: rf-train: device 'cuda': there is no GPU
# 0: 
#   device: cpu
# 1: rf-eval: device 'cuda': there is no GPU
# 1: rf-train: device 'cuda': there is no GPU
# --- cudaMalloc:1
# 1: rf-train: device 'cuda': the GPU failed at cudaMalloc: out of memory
# --- cudaMalloc:12
# 1: rf-train: out of memory
# --- cudaMallocHost:1
# 1: rf-train: device 'cuda': the GPU failed at cudaMallocHost: out of memory
# --- cudaStreamCreate:1
# 1: rf-train: device 'cuda': the GPU failed at cudaStreamCreateWithFlags: out of memory
# --- cublas:9
# 1: rf-train: the GPU failed at cublasGemmEx: CUBLAS_STATUS_EXECUTION_FAILED
# --- kernel:1
# 1: rf-train: the GPU failed at k_fill: unspecified launch failure
# --- kernel:200
# 1: rf-train: the GPU failed at k_adamw: unspecified launch failure
# --- cudaMemcpy:9
# 1: rf-train: the GPU failed at cudaMemcpyAsync: unknown error
# 1: rf-eval: the GPU failed at cudaMalloc: out of memory
# 1: rf-eval: the GPU failed at cublasGemmEx: CUBLAS_STATUS_EXECUTION_FAILED
# 1: rf-eval: the GPU failed at k_axial_fwd: unspecified launch failure
# --- memory
# 1: rf-train: the run takes N, and device 'cuda' has N: train.batch N fits, and no more
# 1: rf-train: the run takes N, and device 'cuda' has N: not even train.batch 1 fits
# 0: rf-train: no bfloat16 on this GPU: products are of float32
# 0: rf-eval: no bfloat16 on this GPU: products are of float32
# 0: 
