sample=$ROOT/tests/golden/modu/hostile/namuwiki-shapes.json
for _ in $(seq 400); do cat "$sample"; done | namu-text | head -c 1 | wc -c
for _ in $(seq 400); do cat "$sample"; done | namu-text --jsonl text | head -c 1
ls
#out
# 1
# {
#no newline
