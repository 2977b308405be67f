cd "$ROOT/tests/golden/shard/good" || exit
shard-cat --head 2 0014-frames.rfs
shard-cat -n 1 <0003-tokens.rfs
shard-cat -n 100 0002-sequences.rfs
