cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

wp-encode -o tokens.rfs "$CORPUS"
wp-decode -o /dev/full tokens.rfs
echo $?
wp-decode tokens.rfs >/dev/full
