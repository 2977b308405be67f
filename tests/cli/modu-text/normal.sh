# all kinds, and what is counted of them
cd "$ROOT/tests/golden/modu" || exit 1
for f in *.json; do
    echo "== $f"
    modu-text -v "$f" 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
done
