# files one after the other, standard input among them, compressed or not
printf '가\n나다. 라다.' >a
echo '마다. 바다이다.' | zstd -q >b.zst
printf '\n사\n아다. 자다.\n' | split-sentences a - b.zst
split-sentences </dev/null | wc -c
#out
# 가
# 나다.
# 라다.
#
# 사
# 아다.
# 자다.
# 마다.
# 바다이다.
# 0
