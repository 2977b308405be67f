# The text form of each kind; several files are one shard, and so is what cat makes of them.
cd "$ROOT/tests/golden/shard/good" || exit
shard-cat 0003-tokens.rfs
shard-cat 0005-masked.rfs
shard-cat 0002-sequences.rfs 0014-frames.rfs
echo --
cat 0002-sequences.rfs 0014-frames.rfs | shard-cat
#out
# 10 11
# 12
#
# 13
#
# 2 4 11 4 3	1:10 3:12
# 2 13 3	
# 2 10 11 3
# 2 12 3
# 2 10 10 10 10 10 3
# 2 11 11 11 11 11 3
# 2 12 12 12 12 12 3
# 2 13 13 13 13 13 3
# 2 14 14 14 14 14 3
# 2 15 15 15 15 15 3
# --
# 2 10 11 3
# 2 12 3
# 2 10 10 10 10 10 3
# 2 11 11 11 11 11 3
# 2 12 12 12 12 12 3
# 2 13 13 13 13 13 3
# 2 14 14 14 14 14 3
# 2 15 15 15 15 15 3
