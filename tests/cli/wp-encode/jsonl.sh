cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

printf '%s\n' '{"id": 1, "text": "가\n나 다"}' '{"text": "라"}' | wp-encode --jsonl text -f pieces
echo '{"title": "가"}' | wp-encode --jsonl text -f pieces
