# the first record of a pipe that stays open behind its only frame
mkfifo pipe
(cat "$ROOT/tests/golden/shard/good/0013-chain.rfs" && exec sleep 60) >pipe &
timeout 30 shard-cat -q -f shard -n 1 -o one.rfs pipe
echo $?
shard-cat --count one.rfs
kill $!
#out
# 0
# 1
