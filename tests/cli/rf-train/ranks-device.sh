# ranks on devices with memory of their own: sums and states go through the host's memory
. "$ROOT/tests/cli/rf-train/ranks.inc"
export RF_PLUGIN_PATH=$BUILD/tests/plugin:$BIN
unset CUDA_VISIBLE_DEVICES
own=(--device own --optim.ema 0.9)
for n in 1 2 4; do several "$n" "own-$n" "${own[@]}"; done
alike own own-[124]
several 4 parts "${own[@]}" --train.stop_after 5steps
several 2 parts "${own[@]}"
for f in weights optim; do cmp {own-1,parts}/run/step-00000012/$f.safetensors && echo "$f alike"; done
electra=(--device own --data.task electra --generator.dim 16 --generator.heads 2)
for n in 1 4; do several "$n" "electra-$n" "${electra[@]}"; done
alike electra electra-[14]

# each rank of a machine sees a card of its own
cards() { OWN_SAYS=1 several 4 "cards$1" --device own --train.steps 1 --train.eval_every 0 2>&1 | sort; }
cards 1
CUDA_VISIBLE_DEVICES=5,7 cards 2
#out
# own: alike
# weights alike
# optim alike
# electra: alike
# card 0
# card 1
# card 2
# card 3
# card 5
# card 5
# card 7
# card 7
#err
# rf-train: stopped at step 5 of 12 as asked; start again to go on
