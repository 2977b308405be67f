cd "$ROOT/tests/golden/shard/good" || exit
shard-cat -o /dev/full 0002-sequences.rfs; echo $?
shard-cat 0002-sequences.rfs >/dev/full; echo $?
shard-cat --info 0002-sequences.rfs >/dev/full; echo $?
#out
# 1
# 1
# 1
#err
# shard-cat: cannot write '/dev/full': No space left on device
# shard-cat: cannot write 'standard output': No space left on device
# shard-cat: cannot write 'standard output': No space left on device
