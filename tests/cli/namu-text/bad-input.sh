cd "$ROOT/tests/golden/modu/hostile" || exit 1
for f in bad-* ok-bom.json odd-csv-release.csv; do
    namu-text "$f" >/dev/null
    echo "$? $f"
done
namu-text --invalid replace bad-utf8.json
echo '[{"title":"가","text":"나"},{"id":1}]' | namu-text
#out
# 1 bad-deep.json
# 1 bad-empty.json
# 1 bad-escape.json
# 1 bad-garbage-after.json
# 1 bad-number.json
# 1 bad-raw-newline-in-string.json
# 1 bad-trailing-comma.json
# 1 bad-truncated.json
# 1 bad-utf16.json
# 1 bad-utf8.json
# 1 ok-bom.json
# 1 odd-csv-release.csv
# 가
# 나
#
#err
# namu-text: JSON in 'bad-deep.json' is nested deeper than 64, byte 75
# namu-text: no JSON value in 'bad-empty.json': it ends at byte 0
# namu-text: bad JSON in 'bad-escape.json', byte 136: unknown escape in a string
# namu-text: no Namuwiki page in 'bad-garbage-after.json', byte 0: no title and text
# namu-text: bad JSON in 'bad-number.json', byte 68: not a number
# namu-text: bad JSON in 'bad-raw-newline-in-string.json', byte 139: control character in a string
# namu-text: bad JSON in 'bad-trailing-comma.json', byte 154: a value was expected
# namu-text: JSON in 'bad-truncated.json' ends too early, at byte 117
# namu-text: bad JSON in 'bad-utf16.json', byte 0: it is UTF-16, not UTF-8
# namu-text: not UTF-8 in 'bad-utf8.json', byte 136
# namu-text: no Namuwiki page in 'ok-bom.json', byte 3: no title and text
# namu-text: bad JSON in 'odd-csv-release.csv', byte 3: a value was expected
# namu-text: no Namuwiki page in 'bad-utf8.json', byte 0: no title and text
# namu-text: no Namuwiki page in 'standard input', byte 30: no title and text
#exit 1
