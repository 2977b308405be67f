# data that are missing, cut, of the wrong kind or vocabulary, or too long: one line each
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -c tiny.yaml --data.train none.rfs
rf-train -c tiny.yaml --data.eval none.rfs
rf-train -c tiny.yaml -V none.txt
rf-train -c tiny.yaml --data.train corpus.txt
rf-train -c tiny.yaml --data.train tokens.rfs
head -c 3000 train.rfs >cut.rfs
rf-train -c tiny.yaml --data.train cut.rfs
tail -n +2 vocab.txt >other.txt
rf-train -c tiny.yaml -V other.txt
rf-train -c tiny.yaml --model.max_len 60
rf-train -c tiny.yaml --model.axial_shape 2x8
echo $?
grep -v MASK vocab.txt >nomask.txt
wp-encode -q -V nomask.txt -o t.rfs corpus.txt
shard-wiki -q --max-len 64 --train nomask.rfs --eval nomask-eval.rfs t.rfs
rf-train -c tiny.yaml -V nomask.txt --data.train nomask.rfs --data.eval ''
rf-train -c tiny.yaml --data.eval=-=eval.rfs
rf-train -c tiny.yaml --data.task lm --model.causal --data.label_from 64
python3 "$ROOT/tests/cli/rf-train/larger.py" train.rfs larger.rfs
rf-train -c tiny.yaml --data.train larger.rfs
rf-train -c tiny.yaml -V '' --data.eval larger.rfs
[ -e run ] && echo 'a run was begun'
true
