cp "$ROOT/tests/golden/wordpiece/vocab.txt" .

zstd -qc "$CORPUS" | head -c 20000 >text.zst
wp-encode -o out text.zst
echo $?
ls
#out
# 1
# text.zst
# vocab.txt
#err
# wp-encode: zstd data in 'text.zst' ends too early
