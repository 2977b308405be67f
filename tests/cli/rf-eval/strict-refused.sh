# what --strict cannot be asked of, and what needs it: one line each, and no partial file
. "$ROOT/tests/cli/rf-score/model.inc"
rf-train -q -c "$ROOT/tests/cli/rf-train/tiny.yaml" --train.run masked --train.steps 1
rf-train -q -c "$ROOT/tests/cli/rf-train/tiny.yaml" --train.run gaps --train.steps 1 --model.causal
rf-eval -o out -m masked --strict eval.rfs
echo $?
rf-eval -o out -m gaps --strict eval.rfs
echo $?
rf-eval -o out --positions 3 eval.rfs
echo $?
rf-eval -o out --strict --positions -1 eval.rfs
echo $?
wp-encode -q corpus.txt | shard-wiki -q --join --max-len 64 -o longer.rfs
rf-eval -o out --strict longer.rfs
ls
#out
# 1
# 1
# 2
# 2
# corpus.txt
# eval.rfs
# gaps
# longer.rfs
# masked
# run
# train.rfs
# vocab.txt
#err
# rf-eval: 'masked/step-00000001' is no causal model: it has not learned what follows a text
# rf-eval: 'gaps/step-00000001' was trained to fill in masked tokens, not for the next one (data.task)
# rf-eval: --positions needs --strict
# rf-eval: bad value '-1' for 'positions': must be 0 to 4294967295
# Try 'rf-eval --help'.
# rf-eval: 'longer' has sequences of 64 tokens, the model takes 48: make them with --max-len 48
