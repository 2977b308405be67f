# the second document equals the first but for white space; the third is new
printf '하나\n가나다.\n라마.\n\n둘\n가나 다.\n라마.\n\n\n셋\n바사아.' >text
text-filter text
echo ==
text-filter --no-dup-docs --near 0 <text
echo ==
text-filter --no-titles --report - -o out text
text-filter -v text 2>&1 >/dev/null | sed 's/, [0-9.]* s, .*/, TIME/'
#out
# 하나
# 가나다.
# 라마.
#
#
# 셋
# 바사아.
# ==
# 하나
# 가나다.
# 라마.
#
# 둘
# 가나 다.
# 라마.
#
#
# 셋
# 바사아.
# ==
# documents	written	3
# documents	duplicate	0
# documents	near-duplicate	0
# documents	overlap	0
# documents	too-short	0
# documents	too-long	0
# documents	few-hangul	0
# documents	few-latin	0
# documents	empty	0
# lines	written	8
# lines	duplicate	0
# lines	near-duplicate	0
# lines	overlap	0
# lines	too-short	0
# lines	too-long	0
# lines	few-hangul	0
# lines	few-latin	0
# lines	with-document	0
# text-filter: 2 of 3 documents (1 duplicate), 4 of 6 lines (2 with-document), 2 titles not compared, TIME
