zstd -qc "$CORPUS" | head -c 20000 >text.zst
text-filter -o out text.zst
echo $?
ls
#out
# 1
# text.zst
#err
# text-filter: zstd data in 'text.zst' ends too early
