# a broken newest one is passed over, and said so, also with -q: the answer is another one
cp -r "$ROOT/tests/golden/checkpoint/v1" run
printf x >>run/step-00000200/state
ckpt-info run | head -n 2
ckpt-info -q run | head -n 2
#out
# path: run/step-00000100
# step: 100
# path: run/step-00000100
# step: 100
#err
# ckpt-info: broken checkpoints passed over: 1
# ckpt-info: broken checkpoints passed over: 1
