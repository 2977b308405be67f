for _ in $(seq 20); do cat "$CORPUS"; done >text
text-filter --no-dup-docs --near 0 text | head -c 1 | wc -c
text-filter --no-dup-docs --near 0 text | true
echo "${PIPESTATUS[0]}"
ls
#out
# 1
# 141
# text
