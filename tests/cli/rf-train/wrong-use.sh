# nothing is read or written
for args in '--model.dimm 3' '--model.dim x' '--model.dim 0' '--model.heads 3 --model.dim 32' \
    '--model.pkm_keys 513' '--model.pkm_topk 65' '--model.pkm_layers 1,1' \
    '--train.slots 6' '--optim.schedule sine' '--data.mask_part 95%' \
    '--set optim.lr' '--set optim.rate=1' '--set dry-run=true' '--data.task clm' '--optim.relative_step' '--train.stop_after 3x' \
    '--optim.name lion --optim.clip_update' '--optim.name muon --optim.lr 0' '--optim.adjust none' \
    '--train.patience 2 --train.eval_every 0' '--train.patience 2 --set data.eval=' '--train.patience 2 --optim.schedule wsd' '--train.label_smoothing 1' \
    '--train.slots 4 --train.slots_start 3 --train.slots_ramp 9' '--train.slots_start 1' '--train.lengths 64' \
    '--train.lengths 64@9,32@10' '--train.lengths 64@9,' '--train.lengths 9@8,x@9' '--model.head_zero --model.tied_embedding' \
    '--model.head_zero --model.head_std 1' '-c none.yaml'; do
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
#out
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 1
# 2
# 2
# 2
# bad.yaml
#err
# rf-train: unknown option '--model.dimm', did you mean '--model.dim'?
# Try 'rf-train --help'.
# rf-train: bad value 'x' for 'model.dim': not a number with a unit it knows
# Try 'rf-train --help'.
# rf-train: bad value '0' for 'model.dim': must be 1 to 65536
# Try 'rf-train --help'.
# rf-train: model.heads 3 does not divide model.dim 32, and model.dim_head is 0: say model.heads 2 or 4, or model.dim 30 or 33
# rf-train: bad value '513' for 'model.pkm_keys': must be 1 to 512
# Try 'rf-train --help'.
# rf-train: bad value '65' for 'model.pkm_topk': must be 1 to 64
# Try 'rf-train --help'.
# rf-train: model.pkm_layers '1,1' names layer 1 twice
# rf-train: train.slots 6 is no power of two: say 4 or 8
# rf-train: bad value 'sine' for 'optim.schedule': must be constant, linear, cosine, restarts, wsd; did you mean 'cosine'?
# Try 'rf-train --help'.
# rf-train: data.mask_part 0.95 and data.random_part 0.1 are more than 1: say 0.9 for the one or 0.05 for the other
# rf-train: no value in 'optim.lr': --set takes key=value
# Try 'rf-train --help'.
# rf-train: unknown key in 'optim.rate=1' of --set
# Try 'rf-train --help'.
# rf-train: unknown key in 'dry-run=true' of --set
# Try 'rf-train --help'.
# rf-train: data.task clm needs model.causal
# rf-train: optim.relative_step is for optim.name adafactor
# rf-train: bad value '3x' for 'train.stop_after': not a number with a unit it knows
# rf-train: optim.clip_update is for optim.name adamw or muon
# rf-train: optim.name muon needs an optim.lr above 0
# rf-train: bad value 'none' for 'optim.adjust': must be match_rms_adamw, original
# Try 'rf-train --help'.
# rf-train: train.patience needs train.eval_every
# rf-train: train.patience needs data.eval
# rf-train: train.patience would end the run before the decay of optim.schedule wsd: say train.patience 0 or optim.schedule constant
# rf-train: train.label_smoothing must be below 1: nothing of the label is left
# rf-train: train.slots_start 3 is no power of two up to train.slots: say 2 or 4
# rf-train: train.slots_start and train.slots_ramp need each other
# rf-train: train.lengths '64' is no list like 256@1000,512@3000
# rf-train: train.lengths '64@9,32@10' does not ascend: lengths and updates both must
# rf-train: train.lengths '64@9,' is no list like 256@1000,512@3000
# rf-train: bad value 'x' for 'train.lengths': not a number with a unit it knows
# rf-train: model.head_zero is for a head with a matrix of its own: model.tied_embedding must be false
# rf-train: model.head_zero leaves nothing to model.head_std: set one
# rf-train: cannot open 'none.yaml': No such file or directory
# rf-train: unknown key 'model.width' in 'bad.yaml', line 3
# Try 'rf-train --help'.
# rf-train: train.run 'caf' is not UTF-8
# rf-train: data.train 'caf' is not UTF-8
