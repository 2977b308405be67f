# given by name, a broken one is an error
cp -r "$ROOT/tests/golden/checkpoint/v1" run
printf x | dd of=run/step-00000200/weights.safetensors bs=1 seek=350 conv=notrunc status=none
ckpt-info run/step-00000200
#err
# ckpt-info: checksum wrong in 'run/step-00000200/weights.safetensors'
#exit 1
