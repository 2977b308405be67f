# one line each, and no partial file
. "$ROOT/tests/cli/rf-fill/model.inc"
rf-eval -m nothing eval.rfs
rf-eval -o out none.rfs
rf-eval -o out --set model.dim=64 eval.rfs
rf-eval -o out --set model.dimm=64 eval.rfs
rf-eval -o out --set model.rounds eval.rfs
rf-eval -o out --ema eval.rfs
tail -n +7 vocab.txt | cat <(printf '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nx\n') - >other.txt
wp-encode -q -V other.txt corpus.txt | shard-wiki -q --max-len 48 --train a.rfs --eval b.rfs
rf-eval -o out b.rfs
wp-encode -q corpus.txt | shard-wiki -q --max-len 64 --train a.rfs --eval b.rfs
rf-eval -o out b.rfs
python3 "$ROOT/tests/cli/rf-train/larger.py" eval.rfs larger.rfs
rf-eval -o out larger.rfs
rm larger.rfs
head -c 300 eval.rfs >cut.rfs
rf-eval -o out cut.rfs
rf-eval -o /dev/full eval.rfs
echo $?
rf-eval eval.rfs >/dev/full
ls
#out
# 1
# a.rfs
# b.rfs
# corpus.txt
# cut.rfs
# eval.rfs
# other.txt
# run
# train.rfs
# vocab.txt
#err
# rf-eval: cannot open folder 'nothing': No such file or directory
# rf-eval: cannot open 'none.rfs': No such file or directory
# rf-eval: tensor 'token.weight' in 'run/step-00000300/weights.safetensors': shape is not that of the model
# rf-eval: unknown key 'model.dimm', did you mean 'model.dim'?
# rf-eval: no value in 'model.rounds': key=value is needed
# rf-eval: 'run/step-00000300' has no mean of the weights
# rf-eval: 'b' was encoded with another vocabulary than 'run/step-00000300'
# rf-eval: 'b' has sequences of 64 tokens, the model takes 48: make them with --max-len 48
# rf-eval: 'larger' has a vocabulary of 1097 tokens, 'run/step-00000300' one of 97
# rf-eval: 'cut.rfs' is cut off at byte 300: its end frame is missing
# rf-eval: cannot write '/dev/full': No space left on device
# rf-eval: cannot write 'standard output': No space left on device
