# what came so far stays for the next time, and no corpus
. "$ROOT/tests/cli/corpus/site.inc"
dump kowiki 20260101 && status kowiki 20260101 done "$(entry "$file")"
serve break=4
corpus kowiki | sed 's/[0-9]* of [0-9]* bytes/N of N bytes/'
found
corpus kowiki
found
#out
# exit 2
# fetch-dump: broken off at N of N bytes, going on
# fetch-dump: broken off at N of N bytes, going on
# fetch-dump: broken off at N of N bytes, going on
# fetch-dump: cannot fetch 'http://SERVER/kowiki/20260101/kowiki-20260101-pages-articles-multistream.xml.bz2': N of N bytes in 4 tries
# ./dumps/kowiki-20260101-pages-articles-multistream.xml.bz2.part
# ./dumps/kowiki-20260101-pages-articles-multistream.xml.bz2
# ./kowiki.lost.tsv
# ./kowiki.txt
