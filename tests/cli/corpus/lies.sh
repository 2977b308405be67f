# a checksum that differs, a size that does, a name that is a path
. "$ROOT/tests/cli/corpus/site.inc"
dump kowiki 20260101
status kowiki 20260101 done "$(entry "$file" | sed 's/sha1": "..../sha1": "0000/')"
dump enwiki 20260101
status enwiki 20260101 done "$(entry "$file" | sed 's/size": /size": 9/')"
dump frwiki 20260101
status frwiki 20260101 done "$(entry "$file" | sed 's|"frwiki|"../frwiki|')"
serve
corpus kowiki
corpus enwiki | sed 's/[0-9]* of [0-9]* bytes/N of N bytes/g'
corpus frwiki
(cd out && ls *.txt 2>/dev/null)
find out -name '*.bz2'
#out
# exit 2
# fetch-dump: checksum wrong in 'kowiki-20260101-pages-articles-multistream.xml.bz2': removed
# exit 2
# fetch-dump: broken off at N of N bytes, going on
# fetch-dump: broken off at N of N bytes, going on
# fetch-dump: broken off at N of N bytes, going on
# fetch-dump: cannot fetch 'http://SERVER/enwiki/20260101/enwiki-20260101-pages-articles-multistream.xml.bz2': N of N bytes in 4 tries
# exit 2
# fetch-dump: the dump of 20260101 is not finished
# fetch-dump: no finished dump at 'http://SERVER/frwiki/'
