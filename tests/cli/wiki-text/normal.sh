# an article of every construct; talk, redirect, style sheet, empty and deleted pages are left out
wiki-text -v "$ROOT/tests/golden/wiki/ko.xml" 2>err
sed 's/, [0-9.]* s, .*/, TIME/' err
#out
# 달내 마을
# 달내 마을(Dallae, 月川)은 강원도 산골에 있는 작은 마을이다. 이름은 달이 비치는 내에서 왔다. 사람은 1234명이 살며, 읍내까지 12 km이다.
# 역사
# 조선 시대에 세 집이 처음 들어왔다. "물이 맑다"고 하여 AT&T 라는 농담도 있다.
# 다리
# 다리는 달내 다리라고 한다. 길이는 100 m이다.
# 볼거리
# 물레방아
# 대한민국 느티나무
# 나이 400 년
# 장날 : 닷새마다
# 달내 달내
# 맑은 물
# 물은 흐르고 달은 뜬다.
# 바깥 고리
# 마을 누리집
#
# 느티나무 & 사람들
# 느티나무는 크게 자란다. [[이것]]은 고리가 아니다.
# 그늘이 넓다.
#
# 물레방아
# 물레방아는 물의 힘으로 돈다.
#
# wiki-text: 3 of 8 pages written (1 redirect, 1 of other namespaces, 1 of other content, 2 without text), 10 of 17 templates kept, TIME
