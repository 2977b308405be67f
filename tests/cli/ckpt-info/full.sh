# a full disk, by name and on standard output
cp -r "$ROOT/tests/golden/checkpoint/v1" run
ckpt-info -o /dev/full run
echo $?
ckpt-info run >/dev/full
#out
# 1
#err
# ckpt-info: cannot write '/dev/full': No space left on device
# ckpt-info: cannot write 'standard output': No space left on device
#exit 1
