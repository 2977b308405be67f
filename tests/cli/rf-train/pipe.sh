# a pipe is read to its end, is a shard like any other, and other data through it are noticed
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -q -c tiny.yaml -o file train.rfs
cat train.rfs | rf-train -q -c tiny.yaml -o piped --train.stop_after 15steps -
echo "status $?"
cat train.rfs | rf-train -q -c tiny.yaml -o piped -
same file piped
mask-tokens -q train.rfs | rf-train -q -c tiny.yaml -o masked --train.stop_after 5steps -
mask-tokens -q -s 2 train.rfs | rf-train -q -c tiny.yaml -o masked -
echo "status $?"
head -c 3000 train.rfs | rf-train -q -c tiny.yaml -o cut -
mkfifo slow
rf-train -q -c tiny.yaml -o never - <slow &
exec 9>slow # the data never come
sleep 0.3
kill -TERM $!
gone() { ! kill -0 $! 2>/dev/null; }
wait_until gone
wait $! 2>/dev/null
echo "status $?"
exec 9>&-
ls
# so is a vocabulary, once
rf-train -q -c tiny.yaml -o vocab --train.steps 1 -V - <vocab.txt
cmp vocab.txt vocab/vocab.txt && echo 'the vocabulary is kept'
rf-train -q -c tiny.yaml -o whole --data.whole_word -V - <vocab.txt
echo "status $?"
#out
# status 75
# piped is like file
# status 1
# status 143
# corpus.txt
# eval.rfs
# file
# masked
# piped
# slow
# tiny.yaml
# tokens.rfs
# train.rfs
# vocab.txt
# the vocabulary is kept
# status 1
#err
# rf-train: stopped at step 15 of 40 as asked; start again to go on
# rf-train: stopped at step 5 of 40 as asked; start again to go on
# rf-train: the training data are not those that run 'masked' began with: choose another train.run
# rf-train: 'standard input' is cut off at byte 3000: its end frame is missing
# rf-train: no token in '-': it is empty
