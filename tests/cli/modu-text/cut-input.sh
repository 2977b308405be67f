# every cut is noticed; nothing is left under the name
json='{"document":[{"id":"SARW1.1","utterance":[{"form":"가\u00e9","speaker_id":12}]}]}'
echo "$json" | modu-text
bytes=$(printf %s "$json" | wc -c)
for n in $(seq 0 $((bytes - 1))); do
    printf %s "$json" | head -c "$n" | modu-text -o out 2>err && echo "not noticed: $n"
    [ "$(wc -l <err)" = 1 ] || echo "not one line: $n"
done
zstd -qc "$ROOT/tests/golden/modu/SARW1800009904.json" | head -c 300 >cut.json.zst
modu-text -o out cut.json.zst
echo $?
ls
#out
#
# 가é
#
# 1
# cut.json.zst
# err
#err
# modu-text: zstd data in 'cut.json.zst' ends too early
