# settings that claim a larger model than the weights are: refused before memory is taken for it
. "$ROOT/tests/cli/rf-fill/model.inc"
claim() { # FILE FROM TO
    rm -rf claims && cp -r run/step-00000300 claims
    python3 "$ROOT/tests/cli/rf-eval/claims.py" claims "$@"
    timeout 20 rf-eval -m claims eval.rfs | cut -f 1-3
    echo '나는 [MASK].' | timeout 20 rf-fill -m claims
}
claim config.yaml 'dim: 32' 'dim: 32'
claim config.yaml 'dim: 32' 'dim: 16384'
claim config.yaml 'depth: 2' 'depth: 1024'
claim state 'vocab_size: 97' 'vocab_size: 2000000000'
claim state 'max_len: 48' 'max_len: 9223372036854775807'
true
#out
# set	sequences	labels
# eval	20	32
# 나는 sky.
#err
# rf-eval: tensor 'token.weight' in 'claims/weights.safetensors': shape is not that of the model
# rf-fill: tensor 'token.weight' in 'claims/weights.safetensors': shape is not that of the model
# rf-eval: 'claims/weights.safetensors' has 31 tensors, wanted 12295
# rf-fill: 'claims/weights.safetensors' has 31 tensors, wanted 12295
# rf-eval: tensor 'token.weight' in 'claims/weights.safetensors': shape is not that of the model
# rf-fill: tensor 'token.weight' in 'claims/weights.safetensors': shape is not that of the model
# rf-eval: the parameters are too many to count
# rf-fill: the parameters are too many to count
