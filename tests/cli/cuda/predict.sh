# slow, on one core
# answers and classes, with their probabilities, are the same on both devices but for rounding
. "$ROOT/tests/cli/cuda/plugin.inc"
. "$ROOT/tests/cli/squad-predict/model.inc"
for device in cpu cuda; do
    squad-predict --device $device --max-query 4 -o $device.json --nbest $device-best.json qa.json
    jq -r 'to_entries[] | .key as $id | .value[] | [$id, .text, .probability] | @tsv' $device-best.json >$device.tsv
done
cmp cpu.json cuda.json && wc -l <cpu.tsv
near cpu.tsv cuda.tsv 1e-3
mkdir classes && cd classes || exit
. "$ROOT/tests/cli/rf-predict/model.inc"
for device in cpu cuda; do cut -f 2 train.tsv | rf-predict --device $device --all >$device.tsv; done
near cpu.tsv cuda.tsv 1e-3
#out
# 320
# near
# near
