cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# the rest of a line is left out by words, and counted; special tokens are words
printf '가나다 라마 바사. 아\n\n가 나\n가 a[MASK]b\n' >text
wp-encode -v -f pieces --max-words 2 text 2>log
sed 's/, [0-9.]* s, .*/, TIME/' log
wp-encode --max-words 3 --cls-sep -f ids text
wp-encode --max-words 2 text | wp-decode
# also in lines that come in parts
seq -s ' ' 1 200000 >long
wp-encode -f pieces --max-words 150000 long | sed 's/ ##//g' | wc -w
wp-encode -f pieces --max-words 150000 long | sed 's/ ##//g' | cmp - <(tr ' ' '\n' <long | head -n 150000 | wp-encode -f pieces | sed 's/ ##//g' | paste -sd' ') && echo same
#out
# 가 ##나 ##다 라 ##마
#
# 가 나
# 가 a
# wp-encode: 2 documents, 3 sentences, 10 words (0.000 % unknown), 9 tokens, 5 words left out, TIME
# 2 229 1435 1311 527 1372 666 1383 3
#
# 2 229 357 3
# 2 229 48 4 3
# 가나다 라마
#
# 가 나
# 가 a
#
# 150000
# same
