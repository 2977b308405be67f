# no finished dump, no dump, no wiki of this name, no name
. "$ROOT/tests/cli/corpus/site.inc"
dump kowiki 20260101 && status kowiki 20260101 waiting
mkdir -p site/enwiki
serve
corpus kowiki
corpus enwiki
corpus nosuchwiki
corpus ..
ls
#out
# exit 2
# fetch-dump: the dump of 20260101 is not finished
# fetch-dump: no finished dump at 'http://SERVER/kowiki/'
# exit 2
# fetch-dump: no dumps at 'http://SERVER/enwiki/'
# exit 2
# fetch-dump: cannot read 'http://SERVER/nosuchwiki/'
# exit 2
# fetch-dump: usage: fetch-dump WIKI FOLDER, as in fetch-dump kowiki dumps
# err
# out
# port
# server.log
# site
