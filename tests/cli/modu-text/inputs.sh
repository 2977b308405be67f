# several files, one after the other on standard input, compressed: the same text
cd "$ROOT/tests/golden/modu" || exit 1
out=$OLDPWD
modu-text ./*.json >"$out/one"
cat ./*.json | modu-text | cmp - "$out/one" && echo same
for f in ./*.json; do cat "$f" hostile/ok-bom.json; done | modu-text | grep -c '^본문이다.$'
cat ./*.json | zstd -q | modu-text | cmp - "$out/one" && echo same
cat ./*.json | gzip | modu-text - | cmp - "$out/one" && echo same
cat ./*.json | dd bs=13 status=none | modu-text | cmp - "$out/one" && echo same
modu-text NLRW1900009901.json - <SERW1800009905.json | tail -n 4
#out
# same
# 7
# same
# same
# same
# 골목길 1회
# 어디 갔다 와?
# 시장.
#
