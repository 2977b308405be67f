cd "$ROOT/tests/golden/modu/hostile" || exit 1
for f in namuwiki-*.json; do
    namu-text -v "$f" 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
done
