# weights that have run away: an error, not a text with its masks left in
. "$ROOT/tests/cli/rf-fill/model.inc"
rf-train -q -c "$ROOT/tests/cli/rf-train/tiny.yaml" -o wild --data.eval '' --optim.lr 10 --optim.schedule constant \
    --optim.clip 0 --train.steps 3 --train.eval_every 0
printf 'no mask\nthe [MASK] is blue .\n' | rf-fill -m wild
#out
# no mask
#err
# rf-fill: 'standard input', line 2: what the model says is no number
#exit 1
