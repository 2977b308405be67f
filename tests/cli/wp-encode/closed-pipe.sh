cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

for _ in $(seq 20); do cat "$CORPUS"; done >text
wp-encode text | head -c 1 | wc -c
wp-encode -f ids text | head -c 1 | wc -c
wp-encode -f ids text | true
echo "${PIPESTATUS[0]}"
ls
#out
# 1
# 1
# 141
# text
# vocab.txt
