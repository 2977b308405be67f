wiki-text -v --cirrus "$ROOT/tests/golden/wiki/cirrus.json" 2>err
sed 's/, [0-9.]* s, .*/, TIME/' err
wiki-text --cirrus --jsonl body <"$ROOT/tests/golden/wiki/cirrus.json" | tail -n 1
zstd -qc "$ROOT/tests/golden/wiki/cirrus.json" | wiki-text --cirrus -j2 | wc -l
#out
# 달내 마을
# 달내 마을(Dallae, 月川)은 작은 마을이다. 사람은 1,234명이 산다.
# 물이 "맑다".
#
# 물레방아
# 물레방아는 물의 힘으로 돈다.
#
# wiki-text: 2 of 4 pages written (0 redirects, 1 of other namespaces, 0 of other content, 1 without text), 0 of 0 templates kept, TIME
# {"body":"물레방아\n물레방아는 물의 힘으로 돈다."}
# 7
