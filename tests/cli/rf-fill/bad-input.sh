# one line each, and no partial file
. "$ROOT/tests/cli/rf-fill/model.inc"
rf-fill -m nothing </dev/null
rf-fill none.txt
rf-fill -V none.txt </dev/null
tail -n +2 vocab.txt >other.txt
rf-fill -V other.txt </dev/null
printf 'fine\n\377\n' | rf-fill -o out.txt
rf-fill --ema </dev/null
head -c 100 run/step-00000300/weights.safetensors >w
mv w run/step-00000300/weights.safetensors
echo '[MASK]' | rf-fill
echo '[MASK]' | rf-fill -m run/step-00000300
ls
#out
# corpus.txt
# eval.rfs
# other.txt
# run
# train.rfs
# vocab.txt
#err
# rf-fill: cannot open folder 'nothing': No such file or directory
# rf-fill: cannot open 'none.txt': No such file or directory
# rf-fill: cannot open 'none.txt': No such file or directory
# rf-fill: 'other.txt' is not the vocabulary that 'run/step-00000300' was trained with
# rf-fill: not UTF-8 in 'standard input', line 2, byte 5 of the text
# rf-fill: 'run/step-00000300' has no mean of the weights
# rf-fill: no valid checkpoint in 'run', 1 are broken: 'run/step-00000300/weights.safetensors' has 100 bytes, its manifest says 89860
# rf-fill: 'run/step-00000300/weights.safetensors' has 100 bytes, its manifest says 89860
