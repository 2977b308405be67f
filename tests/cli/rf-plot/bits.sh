# bits per byte: evaluations alone, and a unigram model in the same unit; what has none is said
. "$ROOT/tests/cli/rf-plot/log.inc"
bits() { awk -F '\t' 'BEGIN { OFS = FS } { print $0, NR == 1 ? "eval_bits" : $9 == "-" ? "-" : $9 * 0.4 }' "$1"; }
log 100 >plain.tsv
mkdir -p one other
bits plain.tsv >log.tsv
cp log.tsv one
sed 's/5.75/5.7501/' log.tsv >other/log.tsv # the same baseline, but for rounding
rf-plot --what bits -o a.svg log.tsv && words a.svg
rf-plot --what bits --by tokens -o b.svg one/log.tsv other/log.tsv && words b.svg
rf-plot --what bits -o c.svg plain.tsv
awk -F '\t' 'BEGIN { OFS = FS } NR > 1 { $NF = "-" } 1' log.tsv >unknown.tsv
rf-plot --what bits -o c.svg unknown.tsv
ls ./*.svg
#out
# bits per byte
# step
# unigram model
# evaluation
# bits per byte
# tokens (thousands)
# unigram model
# one
# other
# ./a.svg
# ./b.svg
#err
# rf-plot: no column 'eval_bits' in 'plain.tsv', line 1
# rf-plot: nothing to draw in 'unknown.tsv': no value of eval_bits
