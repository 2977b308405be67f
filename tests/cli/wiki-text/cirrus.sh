wiki-text -v --cirrus "$ROOT/tests/golden/wiki/cirrus.json" 2>err
sed 's/, [0-9.]* s, .*/, TIME/' err
wiki-text --cirrus --jsonl body <"$ROOT/tests/golden/wiki/cirrus.json" | tail -n 1
zstd -qc "$ROOT/tests/golden/wiki/cirrus.json" | wiki-text --cirrus -j2 | wc -l
