cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

printf '%s\n' '나라 말' 말 '' 나라 | wp-encode | wp-decode --jsonl text
#out
# {"text":"나라 말\n말"}
# {"text":"나라"}
