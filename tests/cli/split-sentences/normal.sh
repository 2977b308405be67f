# titles stay whole, lines are never joined, blank lines stay
printf '제목이다. 그렇다.\n안녕하세요 저는 봄이에요. "가자. 응." 했다\n1. 하나다. 2. 둘이다.\n \t\n\n둘째. 제목\n끝났다. 정말?\n' >text
split-sentences text
echo ==
split-sentences --no-titles <text
split-sentences -v text 2>&1 >/dev/null | sed 's/, [0-9.]* s, .*/, TIME/'
#out
# 제목이다. 그렇다.
# 안녕하세요
# 저는 봄이에요.
# "가자. 응." 했다
# 1. 하나다.
# 2. 둘이다.
#
#
# 둘째.
# 제목
# 끝났다.
# 정말?
# ==
# 제목이다.
# 그렇다.
# 안녕하세요
# 저는 봄이에요.
# "가자. 응." 했다
# 1. 하나다.
# 2. 둘이다.
#
#
# 둘째.
# 제목
# 끝났다.
# 정말?
# split-sentences: 2 documents, 1 title kept whole, 4 lines, 9 sentences, TIME
