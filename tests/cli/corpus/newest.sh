# the newest finished dump is taken; what is there is not made again
. "$ROOT/tests/cli/corpus/site.inc"
dump kowiki 20260101 && status kowiki 20260101 done "$(entry "$file")"
dump kowiki 20260201 && status kowiki 20260201 done "$(entry "$file")"
dump kowiki 20260301 && status kowiki 20260301 in-progress "$(entry "$file")"
mkdir site/kowiki/20260401 site/kowiki/latest
serve
corpus kowiki
found
cat out/kowiki.txt
head -n 3 out/kowiki.lost.tsv
corpus kowiki
wc -l <requests
rm out/kowiki.txt
corpus kowiki DATE=20260101
found
