# a cut file is named, and the others are still checked
cp -r "$ROOT/tests/golden/checkpoint/v1" run
truncate -s 300 run/step-00000200/optim.safetensors
ckpt-info --check run
