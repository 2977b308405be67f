. "$ROOT/tests/cli/rf-plot/log.inc"
log 20 >log.tsv
rf=$(command -v rf-plot)
PATH=/nonexistent "$rf" -o x.svg log.tsv
echo $?
ls
#out
# 1
# log.tsv
#err
# rf-plot: cannot run 'gnuplot': it is not installed
