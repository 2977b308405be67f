# the newest finished dump is taken; what is there is not made again
. "$ROOT/tests/cli/corpus/site.inc"
dump kowiki 20260101 && status kowiki 20260101 done "$(entry "$file")"
dump kowiki 20260201 && status kowiki 20260201 done "$(entry "$file")"
dump kowiki 20260301 && status kowiki 20260301 in-progress "$(entry "$file")"
mkdir site/kowiki/20260401 site/kowiki/latest
serve
corpus kowiki
found
cat out/kowiki.txt
head -n 3 out/kowiki.lost.tsv
corpus kowiki
wc -l <requests
rm out/kowiki.txt
corpus kowiki DATE=20260101
found
#out
# fetch-dump: the dump of 20260401 is not finished
# fetch-dump: the dump of 20260301 is not finished
# ./dumps/kowiki-20260201-pages-articles-multistream.xml.bz2
# ./kowiki.lost.tsv
# ./kowiki.txt
# 달내 마을
# 달내 마을(Dallae, 月川)은 강원도 산골에 있는 작은 마을이다.
# 이름은 달이 비치는 내에서 왔다.
# 사람은 1234명이 살며, 읍내까지 12 km이다.
# 역사
# 조선 시대에 세 집이 처음 들어왔다.
# "물이 맑다"고 하여 AT&T 라는 농담도 있다.
# 다리
# 다리는 달내 다리라고 한다.
# 길이는 100 m이다.
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
# 느티나무는 크게 자란다.
# [[이것]]은 고리가 아니다.
# 그늘이 넓다.
#
# 물레방아
# 물레방아는 물의 힘으로 돈다.
#
# category		1
# comment		1
# file		2
# 1
# ./dumps/kowiki-20260101-pages-articles-multistream.xml.bz2
# ./dumps/kowiki-20260201-pages-articles-multistream.xml.bz2
# ./kowiki.lost.tsv
# ./kowiki.txt
