# questions and classes, in passes over the data, with the best evaluation kept, by its loss or its score: killed behind
# three checkpoints, the last of them long behind the best, a run ends with the same bytes
. "$ROOT/tests/cli/rf-train/data.inc"
python3 - "$ROOT/pipelines/qa-dev.json" <<'X'
import json, sys
data = json.load(open(sys.argv[1]))["data"]
for name, part in (("train", data[:2]), ("dev", data[3:4])):
    json.dump({"data": part}, open(f"{name}.json", "w"))
X
mkdir qa classify
for part in train dev; do
    squad-encode -q --max-len 64 --max-query 24 --doc-stride 24 -o qa/$part.rfs $part.json
done
head -n 48 "$ROOT/pipelines/classes-train.tsv" >train.tsv
classify-encode -q -l 64 -o classify/train.rfs train.tsv
# evaluated with what it learns: no later score is better than 1
head -n 6 train.tsv | classify-encode -q -l 64 --classes-of classify/train.rfs -o classify/dev.rfs
sed -i 's/steps: .*/epochs: 10/' tiny.yaml
untimed() { grep -v -e '^seconds:' -e '^log_bytes:' "$1"; }
same_folders() { # WHOLE RUN: the checkpoints that are left, what is in them but the times, and the log
    local step
    cmp <(ls "$1" | grep ^step) <(ls "$2" | grep ^step) || return
    for step in "$1"/step-*; do
        cmp "$step/weights.safetensors" "$2/${step##*/}/weights.safetensors" || return
        cmp "$step/optim.safetensors" "$2/${step##*/}/optim.safetensors" || return
        cmp <(untimed "$step/state") <(untimed "$2/${step##*/}/state") || return
    done
    cmp <(without_times "$1") <(without_times "$2") &&
        cmp <(cut -f 21- "$1/log.tsv") <(cut -f 21- "$2/log.tsv") && echo "$2 is like $1"
}
has_step() { ls "$1" 2>/dev/null | sed -n 's/^step-0*\([0-9]*\)$/\1/p' | awk -v least="$2" '$1 >= least { found = 1 } END { exit !found }'; }
for task in qa classify; do
    best=loss
    [ $task = qa ] || best=score
    args=(-q -c tiny.yaml --data.task $task --data.train $task/train.rfs --data.eval $task/dev.rfs --model.head_dropout 10%
        --train.eval_every 3 --train.save_every 2 --train.log_every 5
        --train.keep 1 --train.keep_best --train.best $best)
    rf-train "${args[@]}" -o whole-$task
    head -n 1 whole-$task/log.tsv | cut -f 20-
    for step in 4 16 40; do
        rf-train "${args[@]}" -o $task/run &
        wait_until has_step $task/run $step
        kill -KILL $!
        wait $!
        echo $?
    done 2>/dev/null
    rf-train "${args[@]}" -o $task/run
    same_folders whole-$task $task/run
    grep -o '^best_step: [1-9]' $task/run/step-*/state | sed 's/.*: ./a best one/' | sort -u
done
#out
# wait	em	f1
# 137
# 137
# 137
# qa/run is like whole-qa
# a best one
# wait	macro_f1
# 137
# 137
# 137
# classify/run is like whole-classify
# a best one
