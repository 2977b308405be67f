cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

echo 가 | wp-encode --lower-case -j 2 >a
echo 가 | wp-encode --lower-case --no-provenance >b
grep -ac 'wp-encode [0-9.]* .*lower-case=true' a
grep -ac 'threads\|vocab.txt' a
grep -ac wp-encode b
#out
# 1
# 0
# 0
#exit 1
