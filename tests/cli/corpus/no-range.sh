# a server that cannot go on in the middle: from the start
. "$ROOT/tests/cli/corpus/site.inc"
dump kowiki 20260101 && status kowiki 20260101 done "$(entry "$file")"
serve break=1 norange
corpus kowiki | sed "s|[0-9]* of [0-9]* bytes|N of N bytes|"
found
cmp "$file" out/dumps/*.bz2 && echo same
#out
# fetch-dump: broken off at N of N bytes, going on
# fetch-dump: broken off at N of N bytes, going on
# ./dumps/kowiki-20260101-pages-articles-multistream.xml.bz2
# ./kowiki.lost.tsv
# ./kowiki.txt
# same
