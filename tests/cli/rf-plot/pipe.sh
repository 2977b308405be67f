# a closed pipe ends it quietly
. "$ROOT/tests/cli/rf-plot/log.inc"
log 20 >log.tsv
rf-plot log.tsv | head -c 5
ls
#out
# <?xmllog.tsv
