cd "$ROOT/tests/golden/shard/good" || exit
shard-cat -o /dev/full 0002-sequences.rfs; echo $?
shard-cat 0002-sequences.rfs >/dev/full; echo $?
shard-cat --info 0002-sequences.rfs >/dev/full; echo $?
