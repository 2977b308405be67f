# A reader that leaves ends the tool by SIGPIPE: 128 + 13.
for _ in $(seq 6000); do cat "$ROOT/tests/golden/shard/good/0014-frames.rfs"; done >many.rfs
for format in text jsonl npy raw; do
    shard-cat -f $format many.rfs | head -c 1 >/dev/null
    echo "${PIPESTATUS[0]}"
done
#out
# 141
# 141
# 141
# 141
