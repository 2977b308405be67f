# one line each, and no partial file
. "$ROOT/tests/cli/rf-score/model.inc"
rf-score -m nothing </dev/null
rf-score none.txt
tail -n +2 vocab.txt >other.txt
rf-score -V other.txt </dev/null
echo 'no tab' | rf-score --choices -o out.txt
echo 'a' | rf-score --choices --prefix b
printf 'fine\n\377\n' | rf-score -o out.txt
rf-train -q -c "$ROOT/tests/cli/rf-train/tiny.yaml" --data.train train.rfs --train.run masked --train.steps 1
rf-score -m masked </dev/null
ls
#out
# corpus.txt
# eval.rfs
# masked
# other.txt
# run
# train.rfs
# vocab.txt
#err
# rf-score: cannot open folder 'nothing': No such file or directory
# rf-score: cannot open 'none.txt': No such file or directory
# rf-score: 'other.txt' is not the vocabulary that 'run/step-00000200' was trained with
# rf-score: 'standard input', line 1: no tab between a prefix and choices
# rf-score: --choices has the prefix in each line: no --prefix
# rf-score: not UTF-8 in 'standard input', line 2, byte 5 of the text
# rf-score: 'masked/step-00000001' is no causal model: it has not learned what follows a text
