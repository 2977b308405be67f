cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

head -n 20 "$CORPUS" | wp-encode >tokens.rfs
wp-decode tokens.rfs
