printf '하나\n가나\n\n둘\n가나다라\n\n셋\nabc 가\n' >text
for option in --min-doc=4 --max-doc=2 --min-hangul=50% --min-latin=0.5; do
    echo "== $option"
    text-filter $option text
done
#out
# == --min-doc=4
# 둘
# 가나다라
#
# 셋
# abc 가
# == --max-doc=2
# 하나
# 가나
#
# == --min-hangul=50%
# 하나
# 가나
#
# 둘
# 가나다라
#
# == --min-latin=0.5
# 셋
# abc 가
