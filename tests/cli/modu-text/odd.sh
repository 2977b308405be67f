# odd but legal: read; broken: one line, and status 1
cd "$ROOT/tests/golden/modu/hostile" || exit 1
for f in ok-*; do
    echo "== $f"
    modu-text "$f" || echo "status $?"
done
for f in bad-* odd-* namuwiki-shapes.json; do
    modu-text "$f" >/dev/null
    echo "$? $f"
done
