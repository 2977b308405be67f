# an export that stops early is an error; nothing is left under the output's name
xml=$ROOT/tests/golden/wiki/ko.xml
size=$(stat -c %s "$xml")
head -c $((size - 20)) "$xml" >cut.xml
wiki-text cut.xml | tail -n 3
wiki-text -o out cut.xml
echo $?
head -c 3000 "$xml" | wiki-text
echo $?
bzip2 -c "$xml" | head -c 1000 >cut.bz2
wiki-text cut.bz2
echo $?
ls
#out
# 느티나무는 크게 자란다. [[이것]]은 고리가 아니다.
# 그늘이 넓다.
#
# 1
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
# 1
# 1
# cut.bz2
# cut.xml
#err
# wiki-text: 'cut.xml' ends at byte 4083, inside of what begins at 3891
# wiki-text: 'cut.xml' ends at byte 4083, inside of what begins at 3891
# wiki-text: 'standard input' ends at byte 3000, inside of what begins at 2819
# wiki-text: bzip2 data in 'cut.bz2' ends too early
