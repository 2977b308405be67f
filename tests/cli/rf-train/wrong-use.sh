# nothing is read or written
for args in '--model.dimm 3' '--model.dim x' '--model.dim 0' '--model.heads 3 --model.dim 32' \
    '--model.pkm_keys 513' '--model.pkm_topk 65' '--model.pkm_layers 1,1' \
    '--train.slots 6' '--optim.schedule sine' '--data.mask_part 95%' \
    '--set optim.lr' '--set optim.rate=1' '--set dry-run=true' '--data.task lm' '--optim.relative_step' '--train.stop_after 3x' \
    '--train.patience 2 --train.eval_every 0' '--train.patience 2 --set data.eval=' '-c none.yaml'; do
    # shellcheck disable=SC2086
    rf-train $args
    echo $?
done
printf 'model:\n  dim: 64\n  width: 3\n' >bad.yaml
rf-train -c bad.yaml
echo $?
for args in "-o caf" "--dump-config caf"; do # YAML cannot hold it
    # shellcheck disable=SC2086
    rf-train $args$'\xE9' 2>err
    echo $?
    tr -d '\351' <err >&2
done
rm err
ls
