seq=$ROOT/tests/golden/shard/good/0014-frames.rfs
mask-tokens --rate 101% "$seq"; echo $?
mask-tokens --mask-part 0.8 --random-part 0.3 "$seq"; echo $?
mask-tokens --seed -1 "$seq"; echo $?
mask-tokens --span 0 "$seq"; echo $?
mask-tokens --n-gram "$seq"; echo $?
