# a table of the weights, into a file
cp -r "$ROOT/tests/golden/checkpoint/v1" run
ckpt-info --tensors -o table run && cat table && ls
