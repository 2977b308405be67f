# the loss that the run's last evaluation had; of several sets, a line each; with settings changed
. "$ROOT/tests/cli/rf-fill/model.inc"
loss() { awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i } $c["eval_loss"] != "-" { x = $c["eval_loss"] } END { printf "%.4f\n", x }' run/log.tsv; }
rf-eval eval.rfs | head -n 1
[ "$(rf-eval eval.rfs | awk -F '\t' 'NR == 2 { printf "%.4f\n", $4 }')" = "$(loss)" ] && echo 'as in training'
rf-eval -m run train.rfs held=eval.rfs | cut -f 1,2
rf-eval --batch 1 -j 1 eval.rfs | awk 'NR == 2 { print ($6 > 0.5 ? "knows" : "does not") }'
rf-eval --set 'model.rounds=4 model.full_attn=true' eval.rfs | cut -f 1-3
cmp <(rf-eval eval.rfs) <(rf-eval --set model.rounds=4 eval.rfs) >/dev/null || echo 'more rounds, another loss'
rf-train -q -c "$ROOT/tests/cli/rf-train/tiny.yaml" -o mad --data.eval '' --train.steps 2 --optim.warmup 0 --optim.lr 10 --optim.schedule constant
rf-eval -m mad eval.rfs | tail -n 1 | cut -f 4,5
#out
# set	sequences	labels	loss	ppl	acc	bits
# as in training
# set	sequences
# train	180
# held	20
# knows
# set	sequences	labels
# eval	20	32
# more rounds, another loss
# -	-
