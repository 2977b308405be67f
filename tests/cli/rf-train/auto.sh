# auto is the GPU if it can be opened, else the processor, and one line says so; a run stays where it began
. "$ROOT/tests/cli/rf-train/data.inc"
mkdir card
cp "$BUILD/tests/plugin/reformer-own.so" card/reformer-cuda.so
export OWN_NAME=cuda
device_of() { grep device: "$1"/step-00000040/config.yaml; }
echo "--- there is none"
export RF_PLUGIN_PATH=$PWD
rf-train -c tiny.yaml -o without --device auto 2>&1 | sed -n 1p
rf-train -q -c tiny.yaml -o quiet --device auto
device_of without
rf-eval -m without --device auto eval.rfs 2>&1 >/dev/null
rf-eval -q -m without --device auto eval.rfs | cmp - <(rf-eval -q -m without eval.rfs)
echo "--- there is one"
export RF_PLUGIN_PATH=$PWD/card
rf-train -q -c tiny.yaml -o with --device auto
device_of with
same without with
rf-train -q -c tiny.yaml -o limited --train.device cuda:24G
device_of limited
rf-eval -m without --device auto eval.rfs 2>&1 >/dev/null
echo "--- begun elsewhere"
rf-train -c tiny.yaml -o without --device auto 2>&1 | sed -n 1p
rf-train -q -c tiny.yaml -o without --device cuda
rf-train -q -c tiny.yaml -o with
rf-train -q -c tiny.yaml -o moved --device cuda --train.from without --train.steps 40
rf-train -q -c tiny.yaml -o back --device cpu --train.from with --train.steps 40
same moved back
export RF_PLUGIN_PATH=$PWD
rf-train -q -c tiny.yaml -o with --device auto
rf-eval -q -m with eval.rfs
rf-eval -q -m with --device auto eval.rfs | cmp - <(rf-eval -q -m without eval.rfs) && echo 'evaluated on the processor'
for name in cuda:x cpu:2G auto:2G; do
    rf-train -q -c tiny.yaml -o none --device $name
    rf-eval -q -m without --device $name eval.rfs
done
#out
# --- there is none
# rf-train: no device 'cuda': reformer-cuda.so is not there; computing on the processor
#   device: cpu
# rf-eval: no device 'cuda': reformer-cuda.so is not there; computing on the processor
# --- there is one
#   device: cuda
# with is like without
#   device: cuda
# --- begun elsewhere
# rf-train: run 'without' is finished: 40 steps
# back is like moved
# evaluated on the processor
#err
# rf-train: the run has train.device cpu, not cuda: choose another train.run
# rf-train: the run has train.device cuda, not cpu: choose another train.run
# rf-train: no device 'cuda': reformer-cuda.so is not there
# rf-eval: no device 'cuda': reformer-cuda.so is not there; --device cpu computes on the processor
# rf-train: bad value 'x' for 'train.device': not a number with a unit it knows
# rf-eval: bad value 'x' for 'train.device': not a number with a unit it knows
# rf-train: train.device 'cpu:2G': a size is for the name of a plugin
# rf-eval: train.device 'cpu:2G': a size is for the name of a plugin
# rf-train: train.device 'auto:2G': a size is for the name of a plugin
# rf-eval: train.device 'auto:2G': a size is for the name of a plugin
#exit 2
