# the download is right but the dump is not: no corpus is left
. "$ROOT/tests/cli/corpus/site.inc"
dump kowiki 20260101
head -c 3000 "$ROOT/tests/golden/wiki/ko.xml" | bzip2 >"$file"
status kowiki 20260101 done "$(entry "$file")"
serve
corpus kowiki
grep wiki-text: err | sed "s|${PWD#"$ROOT/"}/||"
found
#out
# exit 2
# wiki-text: 'out/dumps/kowiki-20260101-pages-articles-multistream.xml.bz2' ends at byte 3000, inside of what begins at 2819
# ./dumps/kowiki-20260101-pages-articles-multistream.xml.bz2
