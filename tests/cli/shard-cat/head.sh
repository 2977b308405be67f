cd "$ROOT/tests/golden/shard/good" || exit
shard-cat --head 2 0014-frames.rfs
shard-cat -n 1 <0003-tokens.rfs
shard-cat -n 100 0002-sequences.rfs
#out
# 2 10 10 10 10 10 3
# 2 11 11 11 11 11 3
# 10 11
# 12
#
# 2 10 11 3
# 2 12 3
