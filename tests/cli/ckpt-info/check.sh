# every checkpoint of a run
cp -r "$ROOT/tests/golden/checkpoint/v1" run
ckpt-info --check run && ckpt-info --check run/step-00000200
#out
# run/step-00000200: whole
# run/step-00000100: whole
# run/step-00000200: whole
