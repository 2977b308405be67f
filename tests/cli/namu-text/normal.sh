cd "$ROOT/tests/golden/modu/hostile" || exit 1
for f in namuwiki-*.json; do
    namu-text -v "$f" 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
done
#out
# 짝 없음
# 앞�뒤
#
# namu-text: 1 page, 1 lone surrogate, TIME
# 가온 마을
# 개요
# 가온 마을은 나루시의 작은 마을이다.
# 역사
# 첫째 줄이다.
# 둘째 줄이다.
# 접힌 글이다. 큰 글이다.
# 남은 글이다.
# 따온 글이다.
# 분류:나루시
# [[그대로]] [[날것]]
# 끝이다. 밖의 글
# 기본값
#
# 나중 모양
# 🌱 본문이다.
#
# namu-text: 5 pages, 1 redirect, 1 of another namespace, 1 empty, 2 table rows gone, 2 notes, 2 files and categories, 2 macros, 1 program, 2 struck out, 1 comment, 1 NUL, TIME
