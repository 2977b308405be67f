. "$ROOT/tests/cli/shard-mix/inputs.inc"
shard-mix -o /dev/full two.rfs; echo $?
shard-mix two.rfs six.rfs >/dev/full; echo $?
#out
# 1
# 1
#err
# shard-mix: cannot write '/dev/full': No space left on device
# shard-mix: cannot write 'standard output': No space left on device
