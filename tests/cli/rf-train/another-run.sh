# a folder is one run: not with another model or other data, not by two at once
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -q -c tiny.yaml --train.steps 10
rf-train -c tiny.yaml --model.depth 3
rf-train -c tiny.yaml --data.mask_rate 20%
rf-train -c tiny.yaml -s 2
shard-wiki -q --max-len 32 --train short.rfs --eval short-eval.rfs tokens.rfs
rf-train -c tiny.yaml --data.train short.rfs --data.eval ''
rf-train -c tiny.yaml -q --train.steps 100K &
more_rows() { [ "$(wc -l <run/log.tsv)" -gt 4 ]; }
wait_until more_rows
rf-train -c tiny.yaml 2>&1 | sed "s/process $!/process P/"
{ kill -KILL $! && wait $!; } 2>/dev/null
: >file
rf-train -c tiny.yaml -o file/run
rf-train -c tiny.yaml -o /dev/full
#out
# rf-train: run 'run' is being written by process P
#err
# rf-train: the run has model.depth 2, not 3: choose another train.run
# rf-train: the run has data.mask_rate 0.15, not 0.2: choose another train.run
# rf-train: the run has train.seed 1, not 2: choose another train.run
# rf-train: the data's longest sequence is 32 tokens, 'run/step-00000010' has 64: say --model.max_len 64
# rf-train: cannot make folder 'file/run': Not a directory
# rf-train: cannot open '/dev/full/lock': Not a directory
#exit 1
