# nothing is read or written
for args in '--model.dimm 3' '--model.dim x' '--model.dim 0' '--model.heads 3 --model.dim 32' \
    '--train.slots 6' '--optim.schedule cosine' 'train.rfs' '--data.mask_part 95%' '-c none.yaml'; do
    # shellcheck disable=SC2086
    rf-train $args
    echo $?
done
printf 'model:\n  dim: 64\n  width: 3\n' >bad.yaml
rf-train -c bad.yaml
echo $?
ls
