wiki-text --jsonl text "$ROOT/tests/golden/wiki/ko.xml" | tail -n 2
