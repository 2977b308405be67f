# Everything masked, everything random, everything kept, nothing at all.
seq=$ROOT/tests/golden/shard/good/0014-frames.rfs
mask-tokens --rate 1 --mask-part 100% --random-part 0 "$seq" | shard-cat -n 1
mask-tokens --rate 1 --mask-part 0 --random-part 1 "$seq" | shard-cat -n 1
mask-tokens --rate 1 --mask-part 0 --random-part 0 "$seq" | shard-cat -n 1
mask-tokens --rate 0 "$seq" | shard-cat -n 1
