# all kinds, and what is counted of them
cd "$ROOT/tests/golden/modu" || exit 1
for f in *.json; do
    echo "== $f"
    modu-text -v "$f" 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
done
#out
# == EBRW1900009907.json
# 주말 텃밭 일기
# 상추 모종을 심었어요~ ㅎㅎ 물은 이틀에 한 번!
# 사진은 https://img.example/1.jpg 에 있어요 🌱
# 다음 주에는 고추를 심을까 해요
#
#
# 별점 5점 강추
# 배송 빠름
#
# modu-text: 2 documents, 5 paragraphs, 1 empty, TIME
# == MDRW1900009906.json
# 일상
# 지금 어디야??
# 나 역 앞
# ㅋㅋㅋ 5분 늦음
# &name1&이도 온대 &tel-num1&로 연락해
# 와 맛있겠다 ㅠㅠ 내 것도 시켜 줘
# ㅇㅋ
#
# modu-text: 1 document, 9 utterances, 1 empty, 2 only marks, 2 marks gone, 2 anonymised, TIME
# == NIRW2400009902.json
# 쌀값 3% <오름세> & 밀값 제자리
# 쌀값이 한 달 사이 3% 올랐다.
# 밀값은 그대로다.
#
# modu-text: 1 document, 3 paragraphs, 1 empty, TIME
# == NLRW1900009901.json
# 가람천 돌다리 "30년 만에 새 단장"…5월 개통
# 가람시는 4일 가람천 돌다리의 보수 공사를 마쳤다고 밝혔다. 공사비는 모두 12.5억 원이 들었다.
# 시 관계자는 "비가 와도 건널 수 있게 높이를 0.8m 올렸다"고 말했다.
# 홍보람 기자 boram@garam.example
#
# [날씨] 내일 낮 최고 23도
# 내일은 전국이 맑겠다. 아침에는 안개가 끼는 곳이 있겠다.
#
# modu-text: 3 documents, 1 without text, 7 paragraphs, 1 empty, TIME
# == SARW1800009904.json
# 가람방송 낮 뉴스 2018년 1월
# 오늘처럼 눈이 쌓인 날에는 천천히 걸으시는 게 좋겠습니다.
# 네 그렇습니다.
# &name1& 기자 수고하셨습니다.
# 어제 -넘어- 넘어진 사람이 ((스무)) 명입니다.
#
# modu-text: 1 document, 6 utterances, 1 empty, 1 anonymised, TIME
# == SERW1800009905.json
# 골목길 1회
# 어디 갔다 와?
# 시장.
#
# modu-text: 1 document, 2 utterances, TIME
# == WARW1800009903.json
# 달무리 마을
# 01 첫눈 오던 날
# 눈은 밤새 내렸다. 아무도 길을 쓸지 않았다.
# "누가 왔나?" 할머니가 물었다. "바람이에요." 나는 대답했다.
# 2
# 이튿날 아침, 발자국은 대문 앞에서 끝나 있었다.
#
# modu-text: 1 document, 6 paragraphs, 1 empty, TIME
