cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

head -n 3 "$CORPUS" >text
wp-encode -f pieces text
wp-encode text | wp-decode
#out
# 훈민 ##정음
# 훈민 ##정음 ( 訓 民 正 音 ) 은 조선의 네 번 ##째 임금 ##인 세종 ##이 만든 글자 ##의 이름이 ##다 .
# 창 ##제는 144 ##3년 음력 12 ##월에 , 반 ##포 ##는 144 ##6년 음력 9 ##월에 이루어 ##졌다 .
# 훈민정음
# 훈민정음 ( 訓 民 正 音 ) 은 조선의 네 번째 임금인 세종이 만든 글자의 이름이다.
# 창제는 1443년 음력 12월에, 반포는 1446년 음력 9월에 이루어졌다.
#
