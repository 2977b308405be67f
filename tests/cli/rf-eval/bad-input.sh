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
