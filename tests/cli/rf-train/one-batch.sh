# --overfit learns one batch by heart; --train.from begins with another run's weights
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -q -c tiny.yaml --overfit -o heart --train.steps 200 --train.eval_every 0 --data.eval ''
tail -n 1 heart/log.tsv | cut -f 5 | awk '{ print $1 < 1 ? "by heart" : $1 }'
rf-train -q -c tiny.yaml -o second --train.from heart --train.steps 1 --train.eval_every 0 --optim.lr 0 --optim.decay 0
cmp heart/step-00000200/weights.safetensors second/step-00000001/weights.safetensors && echo 'begins with them'
rf-train -q -c tiny.yaml -o third --train.from nowhere
rf-train -q -c tiny.yaml -o third --train.from heart --model.dim 64
rf-train -q -c tiny.yaml -o third --set optim.no_decay='x.*'
[ -e third ] && echo 'a run was begun'
rf-train -q -c tiny.yaml -o heart --train.steps 300 --train.eval_every 0 --data.eval ''
rf-train -q -c tiny.yaml -o patient --train.patience 2 --train.eval_every 5 --optim.lr 0
rf-train -c tiny.yaml -o patient --train.patience 2 --train.eval_every 5 --optim.lr 0 2>&1 | blur
ls patient
#out
# by heart
# begins with them
# rf-train: run 'patient' is finished: 15 steps
# rf-train: no better evaluation since step 5, loss X: 'patient/step-00000005'
# lock
# log.tsv
# step-00000005
# step-00000015
# vocab.txt
#err
# rf-train: cannot open folder 'nowhere': No such file or directory
# rf-train: tensor 'token.weight' in 'heart/step-00000200/weights.safetensors': shape is not that of the model
# rf-train: optim.no_decay: no parameter is called 'x.*'
# rf-train: the training data are not those that run 'heart' began with: choose another train.run
