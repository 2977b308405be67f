# one line each, and no partial file
. "$ROOT/tests/cli/rf-sample/model.inc"
rf-sample -m nothing a
rf-sample -V none.txt a
tail -n +2 vocab.txt >other.txt
rf-sample -V other.txt a
rf-sample --logprobs a
rf-sample 'the Ω sky'
yes 'the sky' | head -n 30 | paste -sd ' ' >long.txt
rf-sample <long.txt -o out.txt
printf 'the\n\377\n' | rf-sample -o out.txt -n 2
rf-train -q -c "$ROOT/tests/cli/rf-train/tiny.yaml" --data.train train.rfs --train.run masked --train.steps 1
rf-sample -m masked a
rf-sample --top-p 2 a
rf-sample a b
ls
#out
# corpus.txt
# eval.rfs
# long.txt
# masked
# other.txt
# run
# train.rfs
# vocab.txt
#err
# rf-sample: cannot open folder 'nothing': No such file or directory
# rf-sample: cannot open 'none.txt': No such file or directory
# rf-sample: 'other.txt' is not the vocabulary that 'run/step-00000200' was trained with
# rf-sample: --logprobs needs --json
# rf-sample: 'the prompt', line 1: the vocabulary has no tokens for a word of the prompt
# rf-sample: 'standard input', line 1: a prompt of 61 tokens leaves no room in 48
# rf-sample: not UTF-8 in 'standard input', line 2, byte 4 of the text
# rf-sample: 'masked/step-00000001' is no causal model: it has not learned what follows a text
# rf-sample: bad value '2' for 'top-p': must be 0 to 1
# Try 'rf-sample --help'.
# rf-sample: unexpected operand 'b'
# Try 'rf-sample --help'.
