# names of files with spaces and with "=": the first "=" ends the name of a set
. "$ROOT/tests/cli/rf-fill/model.inc"
cp eval.rfs 'my eval.rfs'
cp eval.rfs 'a=3.rfs'
rf-eval 'mine=my eval.rfs' same=a=3.rfs eval.rfs | cut -f 1,2
rf-eval 'my eval.rfs'
rf-eval a=3.rfs
#out
# set	sequences
# mine	20
# same	20
# eval	20
#err
# rf-eval: 'my eval' is no name for evaluation data: write name=file, of letters, digits, _, - and .
# rf-eval: cannot open '3.rfs': No such file or directory
#exit 1
