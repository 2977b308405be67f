# What is no classifier, and labels that it does not have.
. "$ROOT/tests/cli/rf-predict/model.inc"
printf 'x\t꽃\n' | rf-predict --labels
printf '꽃\n' | rf-predict --labels
printf '꽃\tx\ty\n' | rf-predict
echo '[MASK]' | rf-fill
echo 꽃 | rf-score
rf-train -q -c run.yaml --train.run mlm --data.task mlm --data.train <(wp-encode <(cut -f 2 train.tsv) | shard-wiki -l 16) --train.epochs 0.1
echo 꽃 | rf-predict -m mlm
echo 꽃 | rf-predict -V train.tsv
#err
# rf-predict: 'standard input', line 1: 'x' is none of the model's classes
# rf-predict: 'standard input', line 1: no tab between a class and a text
# rf-predict: 'standard input', line 1: more than two texts
# rf-fill: 'run/step-00000108' has learned task classify: it says no tokens
# rf-score: 'run/step-00000108' has learned task classify: it says no tokens
# rf-predict: 'mlm/step-00000001' was not trained to tell classes
# rf-predict: 'train.tsv' is not the vocabulary that 'run/step-00000108' was trained with
#exit 1
