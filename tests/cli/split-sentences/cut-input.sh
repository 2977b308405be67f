zstd -qc "$CORPUS" | head -c 20000 >text.zst
split-sentences -o out text.zst
echo $?
ls
#out
# 1
# text.zst
#err
# split-sentences: zstd data in 'text.zst' ends too early
