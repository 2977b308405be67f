# pages alone, as a stream from the middle of a multistream dump holds them
xml=$ROOT/tests/golden/wiki/ko.xml
sed -n '/<id>8</,$p' "$xml" | sed '1i <page><title>물레방아</title><ns>0</ns>' | wiki-text
sed '1,/<\/siteinfo>/d; /<\/mediawiki>/d' "$xml" | wiki-text | grep -c .
#out
# 물레방아
# 물레방아는 물의 힘으로 돈다.
#
# 21
