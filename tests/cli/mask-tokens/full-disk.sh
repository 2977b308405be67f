seq=$ROOT/tests/golden/shard/good/0014-frames.rfs
mask-tokens -o /dev/full "$seq"; echo $?
mask-tokens "$seq" >/dev/full; echo $?
