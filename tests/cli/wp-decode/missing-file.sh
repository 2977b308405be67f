cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

wp-encode -o tokens.rfs "$CORPUS"
wp-decode -o text tokens.rfs none
echo $?
wp-decode -V none tokens.rfs
ls
