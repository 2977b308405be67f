cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

head -n 3 "$CORPUS" >text
wp-encode -f pieces text
wp-encode text | wp-decode
