# every checkpoint of a run
cp -r "$ROOT/tests/golden/checkpoint/v1" run
ckpt-info --check run && ckpt-info --check run/step-00000200
