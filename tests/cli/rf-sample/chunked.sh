# a model whose chunks later tokens move is computed whole for each token, and says so
. "$ROOT/tests/cli/rf-sample/model.inc"
rf-train "${clm[@]}" --train.run chunked
rf-sample -m chunked --greedy 'the sky'
rf-train "${clm[@]}" --train.run full --model.full_attn
rf-sample -m full --greedy 'the sky'
#out
# the sky
# the sky is blue.
# it is high.
# the sky
# the sky is blue.
# it is high.
#err
# rf-sample: each token is computed from all before it: later tokens have a say in its chunks (model.lsh_layout)
