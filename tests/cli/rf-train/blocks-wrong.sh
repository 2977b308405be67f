# what cannot be read by blocks, or would take more memory than is allowed: one line each, and no run is begun
. "$ROOT/tests/cli/rf-train/data.inc"
blocks() { rf-train -q -c tiny.yaml --data.read blocks "$@"; }
blocks - <train.rfs
blocks none.rfs
blocks tokens.rfs
blocks corpus.txt
head -c 3000 train.rfs >cut.rfs
blocks cut.rfs
cp train.rfs bad.rfs
printf X | dd of=bad.rfs bs=1 seek=2000 conv=notrunc status=none
blocks bad.rfs
blocks --data.memory 1M train.rfs
blocks --data.window 0 train.rfs
rf-train -q -c tiny.yaml --data.memory 5K train.rfs
rf-train -q -c tiny.yaml --data.memory 20K train.rfs
rf-train -q -c tiny.yaml --data.memory 30K --data.eval 'a=eval.rfs b=eval.rfs c=eval.rfs' train.rfs
[ -e run ] && echo 'a run was begun'
true
#err
# rf-train: standard input cannot be read by blocks: name a file
# rf-train: cannot open 'none.rfs': No such file or directory
# rf-train: 'tokens.rfs' holds records of kind tokens, not sequences
# rf-train: 'corpus.txt' is not a shard
# rf-train: 'cut.rfs' is cut off at byte 3000: its end frame is missing
# rf-train: checksum wrong in 'bad.rfs', frame 1
# rf-train: data.memory is less than blocks take at this data.window: say 73M or more, or a smaller window
# rf-train: bad value '0' for 'data.window': must be 1 to 1.15292150460685e+18
# Try 'rf-train --help'.
# rf-train: 'train.rfs' takes 24.6 KB of memory, 5.1 KB is left for it: data.read blocks takes less
# rf-train: 'train.rfs' takes 24.6 KB of memory, 20.5 KB is left for it: data.read blocks takes less
# rf-train: 'eval.rfs' takes 3.0 KB of memory, 30 B is left for it: data.read blocks takes less
