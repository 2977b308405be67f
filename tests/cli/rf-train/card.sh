# what a run takes of a GPU is known without one; a run that would not fit does not begin
. "$ROOT/tests/cli/rf-train/data.inc"
plan() { rf-train -c tiny.yaml --needs "$(wc -l <vocab.txt)" --model.max_len 64 --device "$@"; }
value() { sed -n "s/^$1: //p" plan; }
plan cuda:24G | sed -E 's/: [0-9].*/: N/'
plan cuda:24G >plan
awk -F ': ' '
    /^(weights|gradients|optimiser|batch|scratch): / { sum += $2 }
    /^memory: / { print sum == $2 ? "adds up" : "does not add up" }' plan
# data do not change it, nor is a step made
rf-train -c tiny.yaml --model.max_len 64 --device cuda:24G --dry-run | grep -v '^data\|^host' |
    cmp - <(grep -v '^data\|^host' plan) && echo 'with data as without'
# the largest batch fits, and no larger one
plan cuda:600M >plan
largest=$(value largest_batch)
for more in 0 1; do
    plan cuda:600M --train.batch $((largest + more)) >plan
    value fits
    [ "$(value largest_batch)" = "$largest" ] || value largest_batch
done
plan cuda:600M --model.dim 1024 --model.depth 12 >plan
value fits
value largest_batch
plan cuda:500M
# a device that is there, with as little memory
export RF_PLUGIN_PATH=$BUILD/tests/plugin
run() { rf-train -q -c tiny.yaml -o large "$@" 2>&1 | sed -E 's/[0-9.]+ [kMGT]B/N/g; s/batch [0-9]+/batch N/'; }
run --device own:600M --train.batch 2000
run --device own:600M --model.dim 1024 --model.depth 12
run --device own --train.batch 2000 --train.steps 1 --dry-run | grep 'fits\|step_s' | sed -E 's/[0-9.]+$/N/'
ls -d large 2>&1
#out
# parameters: N
# weights: N
# gradients: N
# optimiser: N
# batch: N
# scratch: N
# data: N
# memory: N
# model_operations: N
# executed_operations: N
# device_memory: N
# fits: yes
# largest_batch: N
# host_memory: N
# adds up
# with data as without
# yes
# no
# no
# 0
# rf-train: the run takes N, and device 'own' has N: train.batch N fits, and no more
# rf-train: the run takes N, and device 'own' has N: not even train.batch N fits
# fits: yes
# least_step_seconds: N
# step_seconds: N
# ls: cannot access 'large': No such file or directory
#err
# rf-train: a device of 524 MB has no room for a run
#exit 2
