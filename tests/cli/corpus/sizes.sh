# sizes in dumpstatus.json that no file has, and a server that sends more than it said
. "$ROOT/tests/cli/corpus/site.inc"
for size in 0 1000000000000000000000000000000 9999999999999 100; do
    rm -rf site/kowiki out
    dump kowiki 20260101
    status kowiki 20260101 done "$(entry "$file" | sed "s/size\": [0-9]*/size\": $size/")"
    [ -n "${BASE_URL:-}" ] || serve
    corpus kowiki | sed -E 's/in .[^ ]*out.*: /in OUT: /; s/, [0-9]+ are free/, N are free/'
    find out -type f
done
#out
# exit 2
# fetch-dump: the size of 'kowiki-20260101-pages-articles-multistream.xml.bz2' in dumpstatus.json cannot be: 0 bytes
# exit 2
# fetch-dump: the size of 'kowiki-20260101-pages-articles-multistream.xml.bz2' in dumpstatus.json cannot be: 1000000000000000000000000000000 bytes
# exit 2
# fetch-dump: no room for 'kowiki-20260101-pages-articles-multistream.xml.bz2' in OUT: 9999999999999 bytes, N are free
# exit 2
# fetch-dump: checksum wrong in 'kowiki-20260101-pages-articles-multistream.xml.bz2': removed
