# a full disk, by name and on standard output
cp -r "$ROOT/tests/golden/checkpoint/v1" run
ckpt-info -o /dev/full run
echo $?
ckpt-info run >/dev/full
