for _ in $(seq 200); do cat "$ROOT/tests/golden/wiki/ko.xml"; done >dump
wiki-text dump | head -c 1 | wc -c
wiki-text dump | true
echo "${PIPESTATUS[0]}"
ls
#out
# 1
# 141
# dump
