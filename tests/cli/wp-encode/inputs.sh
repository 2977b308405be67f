cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# files one after the other, standard input among them, compressed or not
echo 가 >a
echo 나 | zstd -q >b.zst
echo 다 | wp-encode -f pieces a - b.zst a
wp-encode -f pieces </dev/null | wc -c
wp-encode </dev/null | wp-decode | wc -c
#out
# 가
# 다
# 나
# 가
# 0
# 0
