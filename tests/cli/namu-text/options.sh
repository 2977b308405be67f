cd "$ROOT/tests/golden/modu/hostile" || exit 1
namu-text --tables cells --strike keep namuwiki-shapes.json
namu-text --jsonl text namuwiki-shapes.json
#out
# 가온 마을
# 개요
# 가온 마을은 나루시의 작은 마을이다.
# 인구	120명
# 여러 줄 칸	붉은 글
# 역사
# 첫째 줄이다.
# 둘째 줄이다.
# 접힌 글이다. 큰 글이다.
# 지운 글 남은 글이다.또 지운 글
# 따온 글이다.
# 분류:나루시
# [[그대로]] [[날것]]
# 끝이다. 밖의 글
# 기본값
#
# 나중 모양
# 🌱 본문이다.
#
# {"text":"가온 마을\n개요\n가온 마을은 나루시의 작은 마을이다.\n역사\n첫째 줄이다.\n둘째 줄이다.\n접힌 글이다. 큰 글이다.\n남은 글이다.\n따온 글이다.\n분류:나루시\n[[그대로]] [[날것]]\n끝이다. 밖의 글\n기본값"}
# {"text":"나중 모양\n🌱 본문이다."}
