# a broken checkpoint is passed over, and not without a word
. "$ROOT/tests/cli/rf-fill/model.inc"
cp -r run/"$(ls run | grep step- | tail -n 1)" run/step-99999999
echo x >>run/step-99999999/weights.safetensors
rf-eval eval.rfs | tail -n +2 | cut -f 1-3
echo '나는 [MASK].' | rf-fill >/dev/null
rf-fill -q </dev/null
#out
# eval	20	32
#err
# rf-eval: broken checkpoints passed over: 1
# rf-fill: broken checkpoints passed over: 1
# rf-fill: broken checkpoints passed over: 1
