cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

wp-encode -o tokens.rfs "$CORPUS"
head -c 30000 tokens.rfs | wp-decode -o text
echo $?
cp "$CORPUS" corpus
wp-decode -o text corpus
echo $?
wp-decode </dev/null
ls
#out
# 1
# 1
# corpus
# tokens.rfs
# vocab.txt
#err
# wp-decode: 'standard input' is cut off at byte 30000: its end frame is missing
# wp-decode: 'corpus' is not a shard
# wp-decode: 'standard input' is cut off at byte 0: its end frame is missing
