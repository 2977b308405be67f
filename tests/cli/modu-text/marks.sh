cd "$ROOT/tests/golden/modu" || exit 1
for marks in drop clean keep; do
    echo "== $marks"
    modu-text --marks $marks SARW1800009904.json MDRW1900009906.json
done
