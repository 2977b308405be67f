# ranks on devices with memory of their own: sums and states go through the host's memory
. "$ROOT/tests/cli/rf-train/ranks.inc"
export RF_PLUGIN_PATH=$BUILD/tests/plugin:$BIN
own=(--device own --optim.ema 0.9)
for n in 1 2 4; do several "$n" "own-$n" "${own[@]}"; done
alike own own-[124]
several 4 parts "${own[@]}" --train.stop_after 5steps
several 2 parts "${own[@]}"
for f in weights optim; do cmp {own-1,parts}/run/step-00000012/$f.safetensors && echo "$f alike"; done
electra=(--device own --data.task electra --generator.dim 16 --generator.heads 2)
for n in 1 4; do several "$n" "electra-$n" "${electra[@]}"; done
alike electra electra-[14]
#out
# own: alike
# weights alike
# optim alike
# electra: alike
#err
# rf-train: stopped at step 5 of 12 as asked; start again to go on
