# both losses in one picture, each with its axis; precision and recall; a log without these columns is refused
. "$ROOT/tests/cli/rf-plot/log.inc"
log 40 | awk -F '\t' 'BEGIN { OFS = FS }
    NR == 1 { print $0, "set", "generator_loss", "discriminator_loss", "replaced_precision", "replaced_recall"; next }
    $9 == "-" { print $0, "-", "-", "-", "-", "-"; next }
    { print $0, "one", 5 + 10 / $1, 0.4, ($1 > 100 ? 0.7 : "-"), 0.3; print $0, "two", 99, 88, 0.7, 0.3 }' >log.tsv
mkdir -p a b
cp log.tsv a
cp log.tsv b
log 40 >plain.tsv
rf-plot --what electra -o a.svg log.tsv && words a.svg
grep -c '>99<' a.svg # the second set is not drawn
rf-plot --what electra -o b.svg a/log.tsv b/log.tsv && words b.svg
rf-plot --what replaced -o c.svg log.tsv && words c.svg
rf-plot --what electra -o d.svg plain.tsv
ls ./*.svg
#out
# loss (nats): generator left, discriminator right
# step
# generator
# discriminator
# 0
# loss (nats): generator left, discriminator right
# step
# a
# b
# discriminator
# share of tokens
# step
# precision
# recall
# ./a.svg
# ./b.svg
# ./c.svg
#err
# rf-plot: no column 'generator_loss' in 'plain.tsv', line 1
