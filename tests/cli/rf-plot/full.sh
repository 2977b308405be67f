# a full disk, by name and on standard output
. "$ROOT/tests/cli/rf-plot/log.inc"
log 20 >log.tsv
rf-plot -f svg -o /dev/full log.tsv
echo $?
rf-plot log.tsv >/dev/full
