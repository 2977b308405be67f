# a generator and a discriminator: killed behind a checkpoint, twice, the run ends with the same bytes; who uses it
. "$ROOT/tests/cli/rf-train/data.inc"
{ sed 's/^model:/generator:\n  dim: 16\n&\n  post_attn_dropout: 0.1/' tiny.yaml; printf 'data:\n  task: electra\n  mask_part: 85%%\n  random_part: 0\n'; } >electra.yaml
args="-q -c electra.yaml --train.save_every 4 --train.log_every 3 --train.slots 2"
# shellcheck disable=SC2086
rf-train $args -o whole
for step in 04 12; do
    # shellcheck disable=SC2086
    rf-train $args -o run &
    wait_until test -e run/step-000000$step
    kill -KILL $!
    wait $!
    echo $?
done 2>/dev/null
# shellcheck disable=SC2086
rf-train $args -o run
same whole run
own() { cut -f "$1" run/log.tsv; } # columns of the task
own 21- | head -n 1
own 21- | tail -n 1 | blur
cmp <(own 21- | sed '/^-/d' | tail -n 1) <(rf-eval -m run eval.rfs | tail -n 1 | cut -f 8- |
    awk '{ for (i = 1; i <= NF; i++) printf "%s%s", $i == "-" ? "-" : sprintf("%.5f", $i), i < NF ? "\t" : "\n" }') &&
    echo 'rf-eval says the same'
rf-eval -m run -V vocab.txt eval.rfs | cut -f 5,7
ckpt-info run | grep -e parameters -e generator.dim
ckpt-info -t run | cut -f 1,2 | grep -e token -e replaced -e 'generator.embed' -e head
echo 'the [MASK] is' | rf-fill -m run
rf-convert --compat reformer-pytorch-1.1.3 -o weights.safetensors run
[ -e weights.safetensors ]
echo "$?: from there"
from="-q -c tiny.yaml --train.from run --train.steps 1 --optim.lr 0 --optim.decay 0"
body() { ckpt-info -t "$1" | grep -e '^layer' -e '^token' -e '^norm' -e '^pos'; }
# shellcheck disable=SC2086
rf-train $from -o words && cmp <(body run) <(body words) && rf-eval -m words eval.rfs | cut -f 1-3
# shellcheck disable=SC2086
rf-train -c electra.yaml $from -c electra.yaml -o again && cmp <(ckpt-info -t run) <(ckpt-info -t again) && echo 'both models'
# shellcheck disable=SC2086
rf-train -c electra.yaml --train.from words --train.steps 1 -o half 2>&1 | grep anew
for wrong in '--optim.in_backward --optim.clip 0' --model.causal '--generator.heads 3' '--generator.temperature 0'; do
    # shellcheck disable=SC2086
    rf-train -q -c electra.yaml -o none $wrong
done
rf-train -q -c electra.yaml -o run --generator.dim 8
[ ! -e none ]
#out
# 137
# 137
# run is like whole
# generator_loss	generator_acc	discriminator_loss	discriminator_acc	replaced_precision	replaced_recall
# X	X	X	X	-	X
# rf-eval says the same
# ppl	bits
# -	-
# parameters: 56673
# generator_parameters: 47316
# generator.dim: 16
# generator.dim_head: 0
# token.weight	1284x32
# replaced.weight	1x32
# replaced.bias	1
# generator.embed.weight	16x32
# generator.embed.bias	16
# generator.head.in.weight	32x16
# generator.head.in.bias	32
# generator.head.weight	1284x32
# generator.head.bias	1284
# 1: from there
# set	sequences	labels
# eval	29	184
# both models
# rf-train: 'words' has no weights for 34 tensors of the outputs or the generator, which begin anew
#err
# rf-fill: 'run/step-00000040' has learned task electra: it says no tokens
# rf-convert: 'run/step-00000040' has learned task electra: it says no tokens
# rf-train: optim.in_backward is not for data.task electra
# rf-train: data.task electra needs model.causal false
# rf-train: of the generator: generator.heads 3 does not divide generator.dim 16, and generator.dim_head is 0: say generator.heads 2 or 4, or generator.dim 15 or 18
# rf-train: bad value '0' for 'generator.temperature': must be 0.01 to 100
# Try 'rf-train --help'.
# rf-train: the run has generator.dim 16, not 8: choose another train.run
