# layers of different kinds: token by token as whole, where none of them cuts all tokens into chunks
. "$ROOT/tests/cli/rf-score/model.inc"
three() { rf-train "${clm[@]}" --model.depth 3 --train.steps 150 "$@"; }
three --model.layers local,lsh,full --model.local_chunk 4 --model.lsh_layout aligned --train.run aligned
three --model.layers local,full --model.local_chunk 4 --train.run local
three --model.layers local,lsh --train.run chunked
three --model.layers local,lsh --model.full_attn_thres 40 --train.steps 20 --train.run short
for run in aligned local chunked; do
    draw() { rf-sample -m $run --seed 1 -n 30 --samples 3 --json "$@" 'the' | sed 's/"seconds.*//'; }
    cmp <(draw) <(draw -j 1) && cmp <(draw) <(draw --exact) >/dev/null && echo "$run: exact"
    rf-eval -m $run --strict eval.rfs |
        awk -F '\t' -v run=$run 'NR > 1 { print run, $8, ($9 == $10 ? "forced is strict" : "a gap"), ($10 == $12 && $13 == 0 ? "step is strict" : "off") }'
done
rf-sample -m short --greedy -n 2 the >/dev/null
rf-eval -m aligned --set 'model.layers=lsh' eval.rfs | cut -f 1-3
rf-eval -m aligned --set 'model.full_attn=true' eval.rfs
rf-eval -m aligned --set 'model.layers= model.full_attn=true' eval.rfs | cut -f 1-3
#out
# aligned: exact
# aligned 126 forced is strict step is strict
# local: exact
# local 126 forced is strict step is strict
# chunked 126 a gap off
# set	sequences	labels
# eval	3	126
# set	sequences	labels
# eval	3	126
#err
# rf-sample: each token is computed from all before it: its short sequences see every key (model.full_attn_thres)
# rf-eval: model.layers 'local,lsh,full': it says which layers are full: model.full_attn must be false
