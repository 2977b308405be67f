cd "$ROOT/tests/golden/modu/hostile" || exit 1
for f in bad-* ok-bom.json odd-csv-release.csv; do
    namu-text "$f" >/dev/null
    echo "$? $f"
done
namu-text --invalid replace bad-utf8.json
echo '[{"title":"가","text":"나"},{"id":1}]' | namu-text
