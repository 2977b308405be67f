zstd -qc "$CORPUS" | head -c 20000 >text.zst
text-filter -o out text.zst
echo $?
ls
