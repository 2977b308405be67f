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
#out
# column.tsv
# empty.tsv
# fields.tsv
# log.tsv
# number.tsv
# rows.tsv
# step.tsv
# utf8.tsv
# zero.tsv
#err
# rf-plot: bad value '4x' for 'lr' in 'number.tsv', line 5: not a number
# rf-plot: 13 fields, not 14 in 'fields.tsv', line 7
# rf-plot: no value of 'step' in 'step.tsv', line 9
# rf-plot: no column 'eval_loss' in 'column.tsv', line 1
# rf-plot: nothing to draw in 'rows.tsv': no value of loss
# rf-plot: nothing to draw in 'empty.tsv': no value of loss
# rf-plot: not UTF-8 in 'utf8.tsv', line 1, byte 0 of the text
# rf-plot: no column 'step' in 'zero.tsv', line 1
# rf-plot: cannot open 'none.tsv': No such file or directory
