# the tests of a GPU where there is none: one line; and on the plugin that runs on the host a table of errors
[ -e "$BUILD/tests/cuda/plain/reformer-cuda.so" ] || { echo 'there is no plugin for the device cuda' >&2; exit 77; }
gpu() { GPU_OPS=1 "$ROOT/tests/cuda/gpu" "${BUILD#"$ROOT/"}" "$BUILD/tests/ops/test_ops"; }
RF_PLUGIN_PATH=/nowhere gpu
echo $?
export RF_PLUGIN_PATH=$BUILD/tests/cuda/plain
CUH_DRIVER=no-card gpu
echo $?
RF_TEST_ROWS='=copy|=gemm|=combine' RF_TEST_SHAPES=3 gpu | sed -E 's/[0-9.]+e-[0-9]+/N/g; s/\b[0-9]+ %/N %/g'
# one that fails says which row, and by how much
RF_TEST_ROWS='=combine' RF_TEST_SHAPES=1 CUH_FAIL=kernel:2 gpu | grep '^not ok'
#out
# check-gpu: there is no '/nowhere/reformer-cuda.so': nvcc builds it, or RF_PLUGIN_PATH names its folder
# 77
# check-gpu: rf-train: device 'cuda': there is no GPU
# 77
# ok test_ops
#
# row | largest error | may be | share | of the mean | share
# combine | N | N | N % | N | N %
# copy | 0 | 0 | exact | 0 | exact
# gemm | N | N | N % | N | N %
# not ok test_ops (status 70)
