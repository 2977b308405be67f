# a closed pipe ends it quietly
cp -r "$ROOT/tests/golden/checkpoint/v1" run
ckpt-info --tensors run | head -c 1
ls
#out
# trun
