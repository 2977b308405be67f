# one, two, four and eight ranks write the same checkpoints and the same log, whatever the optimiser
. "$ROOT/tests/cli/rf-train/ranks.inc"
compare() { # NAME OPTION...
    local name=$1
    shift
    for n in 1 2 4; do several "$n" "$name-$n" "$@"; done
    alike "$name" "$name"-[124]
}
compare adamw --optim.ema 0.9
several 8 adamw-8 --optim.ema 0.9
alike 'adamw, eight' adamw-1 adamw-8
compare lion --optim.name lion
compare adafactor --optim.name adafactor
compare muon --optim.name muon
compare clipped --optim.clip_update
compare ramp --train.slots_start 1 --train.slots_ramp 6 --train.keep_best --model.tied_embedding
compare bf16 --train.dtype bf16 --train.gemm exact 2>err
grep -v 'no bfloat16 on this processor' err >&2
several 2 other --optim.ema 0.9 --train.seed 2
alike 'another seed is seen' adamw-1 other

# a sum that is made as MPI likes: the checkpoint says so, and the run stays so
several 4 fast --train.reduce fast --train.stop_after 3steps
grep reduce fast/run/step-*/config.yaml
several 4 fast
echo "$?"
#out
# adamw: alike
# adamw, eight: alike
# lion: alike
# adafactor: alike
# muon: alike
# clipped: alike
# ramp: alike
# bf16: alike
# another seed is seen:  other
#   reduce: fast
# 1
#err
# rf-train: stopped at step 3 of 12 as asked; start again to go on
# rf-train: the run has train.reduce fast, not tree: choose another train.run
