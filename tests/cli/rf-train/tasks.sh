# Tasks qa and classify: from a masked language model, with the best checkpoint kept; a run that was broken off
# goes on to the bit
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -q -c tiny.yaml --train.run mlm --model.max_len 64
awk 'length($0) > 20 { n++; print (n % 3 ? (n % 3 == 1 ? "one" : "two") : "three") "\t" $0 }' corpus.txt | head -n 60 >all.tsv
head -n 40 all.tsv >train.tsv
tail -n 20 all.tsv >dev.tsv
classify-encode -l 64 -o train.rfs train.tsv
classify-encode -l 64 -o dev.rfs --classes-of train.rfs dev.tsv
classes() { rf-train -c tiny.yaml --data.task classify --data.eval dev.rfs --train.from mlm --train.epochs 8 --model.head_dropout 10% "$@" 2>&1; }
classes -v --train.run whole --train.keep_best --train.best score | grep -v 'kernels\|seconds\|peak' | blur
classes -q --train.run parts --train.stop_after 17steps
classes -q --train.run parts
same whole parts
head -n 1 whole/log.tsv | cut -f 20-
sed -n 's/^classes: //p' whole/step-00000040/state
sed -n 's/^ *\(steps\|epochs\): //p' whole/step-00000040/config.yaml
rf-eval -m whole dev.rfs | head -n 1
# what does not go together
sed 's/^three/four/' train.tsv >other.tsv
classify-encode -l 64 -o other.rfs other.tsv
classes --train.run other --data.eval other.rfs
classes --train.run whole --data.train other.rfs --data.eval= --train.epochs 9
classes --train.run whole --train.epochs 9
classes --train.run other --model.causal
classes --train.run other --model.head_dropout 100%
rf-train -c tiny.yaml --data.task classify --needs 1000 --model.max_len 64 2>&1 | grep -c '^parameters: [1-9]'
classes --train.run other --train.from mlm --model.depth 1
classes --train.run other --train.from mlm --model.depth 3
rf-eval -m mlm train.rfs 2>&1
rf-train -c tiny.yaml --data.task qa --data.train train.rfs 2>&1
rf-train -c tiny.yaml --data.task classify --data.eval dev.rfs --optim.in_backward --optim.clip 0 2>&1
# the outputs of the new model may be there already, and those of another task are left behind
classes -v --train.run again --train.from whole --train.epochs 1 | grep -c 'begin anew'
rf-train -v -c tiny.yaml --train.run back --train.from whole --data.train eval.rfs --data.eval= --model.max_len 64 --train.steps 1 2>&1 | grep anew
good=$ROOT/tests/golden/shard/good
qa() { rf-train -q -c tiny.yaml --model.chunk 4 --data.vocab= --data.task qa --data.train "$good/0033-packed-qa.rfs" --data.eval "$good/0029-qa.rfs" "$@"; }
qa --train.run qa-whole --data.match --model.head_dropout 10%
qa --train.run qa-parts --data.match --model.head_dropout 10% --train.stop_after 9steps
qa --train.run qa-parts --data.match --model.head_dropout 10%
same qa-whole qa-parts
head -n 1 qa-whole/log.tsv | cut -f 20-
#out
# rf-train: 'mlm' has no weights for 4 tensors of the outputs or the generator, which begin anew
# rf-train: step 20: loss X, dev X, accuracy X %, macro_f1 X %
# rf-train: step 40: loss X, dev X, accuracy X %, macro_f1 X %
# rf-train: the best evaluation was that of step 40, macro_f1 X: 'whole/step-00000040'
# rf-train: stopped at step 17 of 40 as asked; start again to go on
# parts is like whole
# wait	macro_f1
# "one\u000Athree\u000Atwo\u000A"
# 40
# 8
# set	sequences	labels	loss	ppl	acc	bits	macro_f1
# rf-train: 'other' has other classes than 'train.rfs'
# rf-train: the data have other classes than 'whole/step-00000040'
# rf-train: the run has train.best score, not loss: choose another train.run
# rf-train: data.task classify needs model.causal false: the first token would see no other
# rf-train: model.head_dropout must be below 1
# 1
# rf-train: 'mlm/step-00000040/weights.safetensors' has a tensor 'layer.1.attn.norm.weight', the new model has none
# rf-train: tensor 'layer.2.attn.norm.weight' in 'mlm/step-00000040/weights.safetensors': not there
# rf-eval: 'train.rfs' holds records of kind classes, not sequences
# rf-train: 'train.rfs' holds records of kind classes, not qa
# rf-train: optim.in_backward is not for data.task classify
# 0
# rf-train: 'whole' has no weights for 2 tensors of the outputs or the generator, which begin anew
# qa-parts is like qa-whole
# wait	em	f1
#err
# rf-train: stopped at step 9 of 40 as asked; start again to go on
