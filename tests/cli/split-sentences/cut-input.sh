zstd -qc "$CORPUS" | head -c 20000 >text.zst
split-sentences -o out text.zst
echo $?
ls
