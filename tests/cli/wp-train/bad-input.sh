printf '가\n나\377다\n' >text
wp-train -o vocab.txt text
wp-train --invalid replace -q text | tail -n +6 | paste -sd' '
zstd -qc "$CORPUS" | head -c 20000 >cut.zst
wp-train -o vocab.txt cut.zst
echo $?
ls
