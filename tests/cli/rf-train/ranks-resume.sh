# any number of ranks goes on from any other's checkpoint, and stops together when one is asked to
. "$ROOT/tests/cli/rf-train/ranks.inc"
ema=(--optim.ema 0.9 --train.keep 9)
several 1 whole "${ema[@]}"
several 4 parts "${ema[@]}" --train.stop_after 3steps
echo "$?, $(ls parts/run | grep -c step)"
several 1 parts "${ema[@]}" --train.stop_after 4steps
echo "$?, $(ls parts/run | grep -c step)"
several 2 parts "${ema[@]}"
echo "$?"
rm -r parts/run/step-0000000[367] whole/run/step-00000006 # their settings say where those starts were to end
alike 'four, one, two' whole parts
# a new run on other ranks with the weights and the optimiser of that
for n in 1 4; do several "$n" "from-$n" "${ema[@]}" --train.from ../whole/run --train.from_optim --train.steps 6; done
alike 'from another' from-[14]

# TERM to one of them
several 4 term -v --train.steps 100000 --train.save_every 0 --train.eval_every 0 2>err &
launcher=$!
wait_until test -s term/run/log.tsv
wait_until grep -q '^4' term/run/log.tsv
first=$(cat term/run/lock)
kill -TERM "$(pgrep -P "$(ps -o ppid= -p "$first" | tr -d ' ')" -x rf-train | grep -v -x "$first" | head -n 1)"
wait "$launcher"
echo "TERM: $?"
grep stopped err | sed 's/step [0-9]*/step N/'
n=$(sed -n 's/^step: //p' term/run/step-*/state)
[ "$(ckpt-info term/run | sed -n 's/^step: *//p')" = "$n" ] && echo 'whole'
several 1 alone --train.steps 100000 --train.save_every 0 --train.eval_every 0 --train.stop_after "${n}steps" 2>err
for f in weights optim; do cmp {alone,term}/run/step-*"$n/$f.safetensors" && echo "$f alike"; done
#out
# 75, 1
# 75, 3
# 0
# four, one, two: alike
# from another: alike
# TERM: 75
# rf-train: stopped at step N of 100000 as asked; start again to go on
# whole
# weights alike
# optim alike
#err
# rf-train: stopped at step 3 of 12 as asked; start again to go on
# rf-train: stopped at step 7 of 12 as asked; start again to go on
