# one line with file and line each, and no picture
. "$ROOT/tests/cli/rf-plot/log.inc"
log 20 >log.tsv
sed '5s/[0-9.]*\t1\t/4x\t1\t/' log.tsv >number.tsv
sed '7s/\t[^\t]*$//' log.tsv >fields.tsv
sed '9s/^[0-9]*/-/' log.tsv >step.tsv
sed '1s/eval_loss/evil_loss/' log.tsv >column.tsv
head -n 1 log.tsv >rows.tsv
: >empty.tsv
printf '\377\n' >utf8.tsv
head -c 50 /dev/zero >zero.tsv
rf-plot --what lr -o x.svg number.tsv
for f in fields step column rows empty utf8 zero none; do
    rf-plot -o x.svg $f.tsv
done
ls
