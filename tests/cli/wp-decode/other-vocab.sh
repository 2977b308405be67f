cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

echo 가 | wp-encode >tokens.rfs
tac vocab.txt >other.txt
wp-decode -V other.txt -o text tokens.rfs
ls
#out
# other.txt
# tokens.rfs
# vocab.txt
#err
# wp-decode: the shard was made with another vocabulary than 'other.txt'
