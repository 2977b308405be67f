# a cut file is named, and the others are still checked
cp -r "$ROOT/tests/golden/checkpoint/v1" run
truncate -s 300 run/step-00000200/optim.safetensors
ckpt-info --check run
echo $?
for f in MANIFEST weights.safetensors; do # a pipe in the place of a file, of which nothing ever comes
    mv run/step-00000200/$f . && mkfifo run/step-00000200/$f
    timeout 10 ckpt-info --check run/step-00000200
    echo $?
    mv $f run/step-00000200
done
#out
# run/step-00000200: 'run/step-00000200/optim.safetensors' has 300 bytes, its manifest says 360
# run/step-00000100: whole
# 1
# run/step-00000200: cannot read 'run/step-00000200/MANIFEST': not a plain file
# 1
# run/step-00000200: cannot read 'run/step-00000200/weights.safetensors': not a plain file
# 1
#err
# ckpt-info: broken checkpoints: 1 of 2
# ckpt-info: broken checkpoints: 1 of 1
# ckpt-info: broken checkpoints: 1 of 1
