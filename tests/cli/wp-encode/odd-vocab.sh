cp "$ROOT/tests/golden/wordpiece/odd-vocab.txt" vocab.txt
echo 'ab a b 가 각' | wp-encode -f ids
echo 'ab a b 가 각' | wp-encode -q -f ids
