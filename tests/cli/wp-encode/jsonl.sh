cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

printf '%s\n' '{"id": 1, "text": "가\n나 다"}' '{"text": "라"}' | wp-encode --jsonl text -f pieces
echo '{"title": "가"}' | wp-encode --jsonl text -f pieces
#out
# 가
# 나 다
#
# 라
#
#err
# wp-encode: no text member 'text' in 'standard input', line 1
#exit 1
