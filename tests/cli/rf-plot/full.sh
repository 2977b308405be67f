# a full disk, by name and on standard output
. "$ROOT/tests/cli/rf-plot/log.inc"
log 20 >log.tsv
rf-plot -f svg -o /dev/full log.tsv
echo $?
rf-plot log.tsv >/dev/full
#out
# 1
#err
# rf-plot: cannot write '/dev/full': No space left on device
# rf-plot: cannot write 'standard output': No space left on device
#exit 1
