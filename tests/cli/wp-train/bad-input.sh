printf '가\n나\377다\n' >text
wp-train -o vocab.txt text
wp-train --invalid replace -q text | tail -n +6 | paste -sd' '
zstd -qc "$CORPUS" | head -c 20000 >cut.zst
wp-train -o vocab.txt cut.zst
echo $?
ls
#out
# 가 나 다 ##다
# 1
# cut.zst
# text
#err
# wp-train: not UTF-8 in 'text', line 2, byte 7 of the text
# wp-train: zstd data in 'cut.zst' ends too early
