cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

printf '가\n나\377다\n' >text
wp-encode -f pieces -o out text
echo $?
wp-encode -v --invalid replace -f pieces text 2>log
sed 's/, [0-9.]* s, .*/, TIME/' log
ls
#out
# 1
# 가
# 나 ##다
# wp-encode: 1 document, 2 sentences, 2 words (0.000 % unknown), 3 tokens, 1 bad byte replaced, TIME
# log
# text
# vocab.txt
#err
# wp-encode: not UTF-8 in 'text', line 2, byte 7 of the text
