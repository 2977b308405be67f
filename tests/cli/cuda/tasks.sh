# slow, on one core
# twenty steps of each other task: losses, gradients and evaluations as on the processor
. "$ROOT/tests/cli/cuda/plugin.inc"
. "$ROOT/tests/cli/cuda/both.inc"
awk 'length($0) > 20 { n++; print (n % 3 ? (n % 3 == 1 ? "one" : "two") : "three") "\t" $0 }' corpus.txt | head -n 60 >all.tsv
head -n 40 all.tsv >train.tsv
classify-encode -l 64 -o classes.rfs train.tsv
classify-encode -l 64 -o dev.rfs --classes-of classes.rfs <(tail -n 20 all.tsv)
good=$ROOT/tests/golden/shard/good
rf-train -q -c tiny.yaml --train.batch 4 --train.steps 20 --data.eval '' -o mlm-cpu
both clm --data.task clm --model.causal --model.lsh_layout aligned
both chunked --data.task clm --model.causal --model.rounds 2 --no-model.duplicates
sed 's/^model:/generator:\n  dim: 16\n&/' tiny.yaml >electra.yaml
both electra -c electra.yaml --data.task electra --data.mask_part 85% --data.random_part 0
both classify --data.task classify --data.train classes.rfs --data.eval dev.rfs --train.from mlm-cpu
both qa --data.task qa --data.match --model.chunk 4 --data.vocab= --data.train "$good/0033-packed-qa.rfs" --data.eval "$good/0029-qa.rfs"
#out
# clm: near
# chunked: near
# electra: near
# classify: near
# qa: near
