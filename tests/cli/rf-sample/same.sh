# the same seed is the same text, whatever the threads and the number of samples; another seed is not
. "$ROOT/tests/cli/rf-sample/model.inc"
rf-train "${clm[@]}" --model.lsh_layout aligned --train.gemm exact --train.run exact --train.steps 20
draw() { rf-sample -m exact -n 40 -t 1.5 --json "$@" 'the'; }
draw --samples 4 >four
draw --samples 4 -j 1 >one-thread
cmp four one-thread
draw | cmp - <(head -n 1 four)
draw --samples 3 | cmp - <(head -n 3 four)
cut -d, -f 3 four | sort -u | wc -l
draw --seed 2 | cmp -s - <(head -n 1 four) || echo differs
# nothing is a matter of chance where one token stays
draw --top-k 1 | cmp - <(draw --greedy) && draw --top-p 0 | cmp - <(draw --greedy) && draw --min-p 1 | cmp - <(draw --greedy)
#out
# 4
# differs
