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
