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
rf-train -c tiny.yaml --data.task clm --model.causal --data.label_from 64
python3 "$ROOT/tests/cli/rf-train/larger.py" train.rfs larger.rfs
rf-train -c tiny.yaml --data.train larger.rfs
rf-train -c tiny.yaml -V '' --data.eval larger.rfs
[ -e run ] && echo 'a run was begun'
true
#out
# 1
#err
# rf-train: cannot open 'none.rfs': No such file or directory
# rf-train: cannot open 'none.rfs': No such file or directory
# rf-train: cannot open 'none.txt': No such file or directory
# rf-train: 'corpus.txt' is not a shard
# rf-train: 'tokens.rfs' holds records of kind tokens, not sequences
# rf-train: 'cut.rfs' is cut off at byte 3000: its end frame is missing
# rf-train: 'train.rfs' was encoded with another vocabulary than 'other.txt'
# rf-train: model.max_len is 60, but the data have sequences of up to 64: say --model.max_len 64, or make them with --max-len 60
# rf-train: model.axial_shape '2x8' holds 16 positions, not 64: say 2x32 or 8x8
# rf-train: the vocabulary has no [MASK]
# rf-train: '-' is no name for evaluation data: write name=file, of letters, digits, _, - and .
# rf-train: data.label_from 64 leaves no label in 'train.rfs', of sequences of up to 64: say 63 or less
# rf-train: 'larger.rfs' has a vocabulary of 2284 tokens, 'vocab.txt' one of 1284
# rf-train: 'larger' has a vocabulary of 2284 tokens, 'train.rfs' one of 1284
