# --dry-run tells what a run takes, writes nothing, and the memory it tells is about what is taken
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -c tiny.yaml --dry-run >trial
sed -E 's/: .*/: N/' trial
memory() { sed -n "s/^$1: //p" "$2"; }
awk -F ': ' '/^(weights|gradients|optimiser|batch|scratch|data): / { sum += $2 } /^memory: / { print sum == $2 ? "adds up" : "does not add up" }' trial
# of a large model: within a tenth of what it takes beyond a small one
rf-train -c tiny.yaml --dry-run --model.dim 512 --train.batch 16 --train.memory 1G -j 1 >large
rf-train -c tiny.yaml --dry-run --train.memory 1G -j 1 >trial
grew() { echo $(($(memory "$1" large) - $(memory "$1" trial))); }
awk -v want="$(grew memory)" -v got="$(grew rss)" 'BEGIN { print (got < 1.1 * want && got > 0.7 * want) ? "as told" : want " " got }'
# a run that is shorter than the trial
timeout 60 rf-train -c tiny.yaml --dry-run --train.steps 1 >short || echo "status $?"
[ -e run ] || echo "nothing is written"
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
# least_step_seconds: N
# step_seconds: N
# tokens_per_s: N
# peak_gflops: N
# mfu: N
# hfu: N
# rss: N
# adds up
# as told
# nothing is written
