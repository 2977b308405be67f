cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

# blank are empty lines, white space, and what vanishes; a last line may lack its end
printf '\n\n가나\n다라\n \t \n\n마\r\n\r\n바\n\342\200\213\n사' >text
wp-encode -v text 2>log | wp-decode
sed 's/, [0-9.]* s, .*/, TIME/' log
wp-encode -v -f pieces text 2>log
sed 's/, [0-9.]* s, .*/, TIME/' log
#out
# 가나
# 다라
#
# 마
#
# 바
#
# 사
#
# wp-encode: 4 documents, 5 sentences, 5 words (0.000 % unknown), 7 tokens, TIME
#
#
# 가 ##나
# 다 ##라
#
#
# 마
#
# 바
#
# 사
# wp-encode: 4 documents, 5 sentences, 5 words (0.000 % unknown), 7 tokens, TIME
