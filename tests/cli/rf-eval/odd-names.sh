# names of files with spaces and with "=": the first "=" ends the name of a set
. "$ROOT/tests/cli/rf-fill/model.inc"
cp eval.rfs 'my eval.rfs'
cp eval.rfs 'a=3.rfs'
rf-eval 'mine=my eval.rfs' same=a=3.rfs eval.rfs | cut -f 1,2
rf-eval 'my eval.rfs'
rf-eval a=3.rfs
