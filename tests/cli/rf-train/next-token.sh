# the next token: the labels are all tokens of a sequence but the first
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -c tiny.yaml --model.causal --data.task clm --optim.name lion --optim.lr 0.002 --train.steps 200 --train.eval_every 100 2>&1 | sed -E 's/^(rf-train:   (model |text  )  ).*/\1.../' | blur
awk -F '\t' '$4 == "eval" { print ($10 < $14 && $12 < $10 / log(2)) ? "better than unigrams" : $0 }' run/log.tsv | tail -n 1
mask-tokens -q -o masked.rfs train.rfs
rf-train -q -c tiny.yaml -o masked --model.causal --data.task clm masked.rfs
rf-train -q -c tiny.yaml -o words --data.whole_word --data.span 3
mask-tokens -q --whole-word --span 3 -o masked.rfs train.rfs
mask-tokens -q --whole-word --span 3 -o masked-eval.rfs eval.rfs
rf-train -q -c tiny.yaml -o masked-words --data.eval eval=masked-eval.rfs --train.steps 7 masked.rfs
# seven steps are within the first pass, whose masks are those of mask-tokens
rf-train -q -c tiny.yaml -o seven --data.whole_word --data.span 3 --train.steps 7
cmp seven/step-00000007/weights.safetensors masked-words/step-00000007/weights.safetensors && echo same
#out
# rf-train: step 100: loss X, eval X (unigram X), accuracy X %
# rf-train:   model   ...
# rf-train:   text    ...
# rf-train: step 200: loss X, eval X (unigram X), accuracy X %
# rf-train:   model   ...
# rf-train:   text    ...
# better than unigrams
# same
#err
# rf-train: 'masked.rfs' is masked, the next token is to be learned
