# every cut is noticed; nothing is left under the name
json='[{"namespace":0,"title":"가","text":"\u00e9[[나]]"}]'
echo "$json" | namu-text
bytes=$(printf %s "$json" | wc -c)
for n in $(seq 0 $((bytes - 1))); do
    printf %s "$json" | head -c "$n" | namu-text -o out 2>err && echo "not noticed: $n"
    [ "$(wc -l <err)" = 1 ] || echo "not one line: $n"
done
zstd -qc "$ROOT/tests/golden/modu/hostile/namuwiki-shapes.json" | head -c 300 >cut.zst
namu-text -o out cut.zst
echo $?
ls
#out
# 가
# é나
#
# 1
# cut.zst
# err
#err
# namu-text: zstd data in 'cut.zst' ends too early
