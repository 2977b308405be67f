# several sources by weight, in the order of shard-mix; named sets for evaluation, a row each
. "$ROOT/tests/cli/rf-train/data.inc"
tail -n 400 "$CORPUS" | wp-encode -q - | shard-wiki -q --max-len 64 --eval-share 20% --train small.rfs --eval small-eval.rfs
args='-q -c tiny.yaml --train.batch 8'
# shellcheck disable=SC2086
rf-train $args -o both train.rfs=3 small.rfs --data.eval 'wiki=eval.rfs few=small-eval.rfs' --json >rows.json
grep -o '"set":"[a-z]*"' rows.json | sort | uniq -c
python3 -c 'import json; [json.loads(line) for line in open("rows.json")]' && wc -l <rows.json
cut -f 4 both/log.tsv | sort | uniq -c
# shellcheck disable=SC2086
rf-train $args -o both train.rfs=2 small.rfs
# shellcheck disable=SC2086
rf-train $args -o none train.rfs=0 small.rfs
# shellcheck disable=SC2086
rf-train $args -o none --data.eval 'a=eval.rfs a=small-eval.rfs'
# shellcheck disable=SC2086
rf-train $args -o none --data.eval 'a/b=eval.rfs'
# shellcheck disable=SC2086
rf-train $args -o none --data.eval "$(printf 'a%.0s' {1..3000})=eval.rfs"
[ -e none ] || echo "nothing is begun"
# a name with a space is one operand; of several "=" the last begins the weight, the first ends a set's name
cp train.rfs 'my train=1.rfs'
cp eval.rfs 'a=b.rfs'
# shellcheck disable=SC2086
rf-train $args -o odd --train.steps 2 --data.eval 'set=a=b.rfs' 'my train=1.rfs=2' && cut -f 4 odd/log.tsv | sort | uniq -c
#out
#       2 "set":"few"
#       2 "set":"wiki"
# 8
#       4 -
#       2 few
#       1 set
#       2 wiki
# nothing is begun
#       1 -
#       2 set
#err
# rf-train: the training data are not those that run 'both' began with: choose another train.run
# rf-train: 'train.rfs=0' has no weight above 0 behind its '='
# rf-train: two sets of evaluation data are called 'a'
# rf-train: 'a/b' is no name for evaluation data: write name=file, of letters, digits, _, - and .
# rf-train: a name for evaluation data is longer than 64 bytes: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'
