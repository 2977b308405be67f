# chunks of all tokens: what later tokens would move stays, or each token is computed from all before it
. "$ROOT/tests/cli/rf-sample/model.inc"
rf-train "${clm[@]}" --train.run chunked
rf-sample -m chunked --greedy 'the sky'
rf-sample -m chunked --greedy --exact 'the sky'
rf-train "${clm[@]}" --train.run full --model.full_attn
rf-sample -m full --greedy 'the sky'
rf-sample -m full --greedy --exact 'the sky'
rf-train "${clm[@]}" --train.run short --model.full_attn_thres 40
rf-sample -m short --greedy 'the sky'
#out
# the sky
# the sky is blue.
# it is high.
# the sky
# the sky is blue.
# it is high.
# the sky
# the sky is blue.
# it is high.
# the sky
# the sky is blue.
# it is high.
# the sky
# the sky is blue.
# it is high.
#err
# rf-sample: each token is computed from all before it: its short sequences see every key (model.full_attn_thres)
