seq=$ROOT/tests/golden/shard/good/0014-frames.rfs
mask-tokens --rate 101% "$seq"; echo $?
mask-tokens --mask-part 0.8 --random-part 0.3 "$seq"; echo $?
mask-tokens --seed -1 "$seq"; echo $?
mask-tokens --span 0 "$seq"; echo $?
mask-tokens --n-gram "$seq"; echo $?
#out
# 2
# 2
# 2
# 2
# 2
#err
# mask-tokens: bad value '101%' for 'rate': must be 0 to 1
# Try 'mask-tokens --help'.
# mask-tokens: --mask-part and --random-part are over 100% together
# mask-tokens: bad value '-1' for 'seed': must be 0 to 1.84467440737096e+19
# Try 'mask-tokens --help'.
# mask-tokens: bad value '0' for 'span': must be 1 to 64
# Try 'mask-tokens --help'.
# mask-tokens: unknown option '--n-gram'
# Try 'mask-tokens --help'.
