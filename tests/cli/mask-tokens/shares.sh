# Everything masked, everything random, everything kept, nothing at all.
seq=$ROOT/tests/golden/shard/good/0014-frames.rfs
mask-tokens --rate 1 --mask-part 100% --random-part 0 "$seq" | shard-cat -n 1
mask-tokens --rate 1 --mask-part 0 --random-part 1 "$seq" | shard-cat -n 1
mask-tokens --rate 1 --mask-part 0 --random-part 0 "$seq" | shard-cat -n 1
mask-tokens --rate 0 "$seq" | shard-cat -n 1
#out
# 2 4 4 4 4 4 3	1:10 2:10 3:10 4:10 5:10
# 2 259 56 192 150 279 3	1:10 2:10 3:10 4:10 5:10
# 2 10 10 10 10 10 3	1:10 2:10 3:10 4:10 5:10
# 2 10 10 10 10 10 3	
