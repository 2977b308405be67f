# slow, on one core
# a run on the device: one wait and few launches a step; broken off it ends with the same bytes; from one device to the other
. "$ROOT/tests/cli/cuda/plugin.inc"
short() { rf-train -c tiny.yaml --train.batch 4 --train.steps 8 --train.eval_every 4 --train.save_every 4 "$@"; }
short -q -o whole --device cuda
short -q -o parts --device auto --train.stop_after 3steps
short -q -o parts --device auto
for f in weights optim; do cmp whole/step-00000008/$f.safetensors parts/step-00000008/$f.safetensors; done
cmp <(losses whole) <(losses parts) && echo 'parts is like whole'
grep device: parts/step-00000008/config.yaml
short -q -o graphs --device cuda --train.graphs
for f in weights optim; do cmp whole/step-00000008/$f.safetensors graphs/step-00000008/$f.safetensors; done
cmp <(losses whole) <(losses graphs) && echo 'graphs is like whole'
# Steps of the quick shape, which has all its layers in three: launches do not depend on the size of the data.
rf-train -v -c "$ROOT/pipelines/mlm-quick.yaml" -o quick --train.batch 1 --train.steps 3 --data.eval '' --device cuda 2>&1 |
    sed -nE 's/.* ([0-9]+) launches and ([0-9]+) waits? a step.*/\1 \2/p' | tee counted |
    awk '{ print ($1 > 0 && $1 <= 400 ? "few launches" : $1 " launches"), $2 }'
# the other way round
short -q -o there --device cuda --train.from whole --train.from_optim --data.eval ''
short -q -o here --device cpu --train.from whole --train.from_optim --data.eval ''
near <(losses there) <(losses here) 2e-3
rf-eval -q -m whole eval.rfs >there.tsv
RF_PLUGIN_PATH='' rf-eval -q -m whole --device cpu eval.rfs >here.tsv
near there.tsv here.tsv 1e-5
# what a plan says of a card is what the card says
same='^parameters|^weights|^gradients|^optimiser|^batch|^scratch|^memory'
rf-train -c tiny.yaml --needs 1200 --model.max_len 64 --device cuda | grep -E "$same" |
    cmp - <(rf-train -c tiny.yaml --needs 1200 --model.max_len 64 --device cuda:24G | grep -E "$same") && echo 'as planned'
#out
# parts is like whole
#   device: cuda
# graphs is like whole
# few launches 1
# near
# near
# as planned
#err
# rf-train: stopped at step 3 of 8 as asked; start again to go on
