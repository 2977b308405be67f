for _ in $(seq 6000); do cat "$ROOT/tests/golden/shard/good/0014-frames.rfs"; done |
    mask-tokens --rate 1 --mask-part 0 --random-part 1 | head -c 1000 >cut.rfs
echo "${PIPESTATUS[1]}"
shard-cat --check cut.rfs
#out
# 141
#err
# shard-cat: 'cut.rfs' is cut off at byte 1000: its end frame is missing
#exit 1
