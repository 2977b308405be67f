cd "$ROOT/tests/golden/modu" || exit 1
modu-text --jsonl text NLRW1900009901.json SERW1800009905.json
