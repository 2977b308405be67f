# files one after the other, on standard input, compressed, in any reads
cp "$ROOT/tests/golden/modu/hostile/namuwiki-shapes.json" a
namu-text a a >two
cat a a | namu-text | cmp - two && echo same
zstd -qc a | namu-text - a | cmp - two && echo same
cat a a | dd bs=7 status=none | namu-text | cmp - two && echo same
printf '%s\n' '{"title":"가","text":"나"}' '{"title":"다","text":"라"}' | namu-text
#out
# same
# same
# same
# 가
# 나
#
# 다
# 라
#
