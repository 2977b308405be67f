cp "$ROOT/tests/golden/wordpiece/odd-vocab.txt" vocab.txt
echo 'ab a b 가 각' | wp-encode -f ids
echo 'ab a b 가 각' | wp-encode -q -f ids
#out
# 25 12 6 14 23
# 25 12 6 14 23
#err
# wp-encode: empty, repeated or blank-ended lines in 'vocab.txt': 12
