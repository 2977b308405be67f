. "$ROOT/tests/cli/shard-mix/inputs.inc"
shard-mix -n 1M two.rfs six.rfs | head -c 1000 >cut
echo "${PIPESTATUS[0]}"
shard-cat --check cut; echo $?
#out
# 141
# 1
#err
# shard-cat: 'cut' is cut off at byte 1000: its end frame is missing
