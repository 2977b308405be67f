cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

wp-encode -o tokens.rfs "$CORPUS"
head -c 30000 tokens.rfs | wp-decode -o text
echo $?
cp "$CORPUS" corpus
wp-decode -o text corpus
echo $?
wp-decode </dev/null
ls
