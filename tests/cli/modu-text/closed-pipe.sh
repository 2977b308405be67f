sample=$ROOT/tests/golden/modu/NLRW1900009901.json
for _ in $(seq 200); do cat "$sample"; done | modu-text | head -c 1 | wc -c
for _ in $(seq 200); do cat "$sample"; done | modu-text --jsonl text | head -c 1
ls
#out
# 1
# {
#no newline
