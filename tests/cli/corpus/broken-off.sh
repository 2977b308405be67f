# a download that breaks off twice goes on where it stopped
. "$ROOT/tests/cli/corpus/site.inc"
dump kowiki 20260101 && status kowiki 20260101 done "$(entry "$file")"
serve break=2
corpus kowiki | sed "s|[0-9]* of [0-9]* bytes|N of N bytes|"
found
sed 's/[0-9][0-9]*/N/' requests
cmp "$file" out/dumps/*.bz2 && echo same
#out
# fetch-dump: broken off at N of N bytes, going on
# fetch-dump: broken off at N of N bytes, going on
# ./dumps/kowiki-20260101-pages-articles-multistream.xml.bz2
# ./kowiki.lost.tsv
# ./kowiki.txt
# whole
# bytes=N-
# bytes=N-
# same
