cd "$ROOT/tests/golden/modu/hostile" || exit 1
namu-text --tables cells --strike keep namuwiki-shapes.json
namu-text --jsonl text namuwiki-shapes.json
