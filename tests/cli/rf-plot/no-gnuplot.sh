. "$ROOT/tests/cli/rf-plot/log.inc"
log 20 >log.tsv
rf=$(command -v rf-plot)
PATH=/nonexistent "$rf" -o x.svg log.tsv
echo $?
ls
