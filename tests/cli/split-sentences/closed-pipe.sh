for _ in $(seq 20); do cat "$CORPUS"; done >text
split-sentences text | head -c 1 | wc -c
split-sentences text | true
echo "${PIPESTATUS[0]}"
ls
#out
# 1
# 141
# text
