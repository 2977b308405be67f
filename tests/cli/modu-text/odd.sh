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
#out
# == ok-bom.json
# 가
# 본문이다.
#
# == ok-decoy-form.json
# t
# 본문이다.
#
# == ok-document-nested.json
# 안쪽
# 안쪽 문서이다.
#
# == ok-document-object.json
# 회의록
# 의석을 정돈해 주시기 바랍니다.
#
# == ok-empty-array.json
# == ok-escapes.json
# é/"\
# 🌱 가나 끝
# 둘째 줄이다.
#
# == ok-lone-surrogate.json
# t
# 앞�뒤 �끝
#
# == ok-minified-order.json
# 뒤에 온 제목
# 앞에 온 본문이다.
#
# == ok-nul.json
# 제목
# 앞뒤이다.
#
# == ok-null-missing.json
#
# 남는 것은 이것뿐이다.
#
# == ok-old-hangul-pua.json
# 옛한글
# 일신문
#
# == ok-speaker-object.json
#
# 숫자 화자이다.
# 없는 화자이다.
#
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
# 1 odd-csv-release.csv
# 1 namuwiki-shapes.json
#err
# modu-text: JSON in 'bad-deep.json' is nested deeper than 64, byte 75
# modu-text: no JSON value in 'bad-empty.json': it ends at byte 0
# modu-text: bad JSON in 'bad-escape.json', byte 136: unknown escape in a string
# modu-text: bad JSON in 'bad-garbage-after.json', byte 156: something follows the value
# modu-text: bad JSON in 'bad-number.json', byte 68: not a number
# modu-text: bad JSON in 'bad-raw-newline-in-string.json', byte 139: control character in a string
# modu-text: bad JSON in 'bad-trailing-comma.json', byte 154: a value was expected
# modu-text: JSON in 'bad-truncated.json' ends too early, at byte 117
# modu-text: bad JSON in 'bad-utf16.json', byte 0: it is UTF-16, not UTF-8
# modu-text: not UTF-8 in 'bad-utf8.json', byte 136
# modu-text: 'odd-csv-release.csv' is a CSV file: give the JSON file of the same name, which has the same text
# modu-text: no text in 'namuwiki-shapes.json', byte 0: found an array, where the object of a file was expected
