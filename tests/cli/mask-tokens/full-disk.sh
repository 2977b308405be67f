seq=$ROOT/tests/golden/shard/good/0014-frames.rfs
mask-tokens -o /dev/full "$seq"; echo $?
mask-tokens "$seq" >/dev/full; echo $?
#out
# 1
# 1
#err
# mask-tokens: cannot write '/dev/full': No space left on device
# mask-tokens: cannot write 'standard output': No space left on device
