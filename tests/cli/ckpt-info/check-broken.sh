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
