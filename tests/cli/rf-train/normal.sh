# the folder of a run, its log, and what is said on the way
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -c tiny.yaml 2>&1 | sed -E 's/^(rf-train:   (masked|model |text  )  ).*/\1.../' | blur
rf-train -q -v -o quiet -c tiny.yaml
ls run run/step-00000040
cmp vocab.txt run/vocab.txt
head -n 1 run/log.tsv
cut -f 1 run/log.tsv | tr '\n' ' '
awk -F '\t' 'NF != 20 { print "fields", NF } NR > 1 && $6 != "-" && ($6 / exp($5) > 1.001 || $6 / exp($5) < 0.999) { print "ppl", $0 }
    END { print ($5 == "-" && $4 == "eval" && $10 < 9 && $14 > 4 && $12 < $10 / log(2)) ? "ends on an evaluation" : $0 }' run/log.tsv
rf-train -v -c tiny.yaml 2>&1 | sed 's/tokens, .*/tokens, .../; s/[0-9.]* MB, kernels.*/X MB/'
#out
# rf-train: step 20: loss X, eval X (unigram X), accuracy X %
# rf-train:   masked  ...
# rf-train:   model   ...
# rf-train:   text    ...
# rf-train: step 40: loss X, eval X (unigram X), accuracy X %
# rf-train:   masked  ...
# rf-train:   model   ...
# rf-train:   text    ...
# run:
# lock
# log.tsv
# step-00000020
# step-00000040
# vocab.txt
#
# run/step-00000040:
# MANIFEST
# config.yaml
# optim.safetensors
# state
# weights.safetensors
# step	epoch	tokens	set	loss	ppl	acc	lr	grad_norm	eval_loss	eval_ppl	eval_bits	eval_acc	unigram_loss	seconds	tokens_per_s	mfu	hfu	rss	wait
# step 10 20 20 30 40 40 ends on an evaluation
# rf-train: run 'run' is finished: 40 steps
# rf-train: 99,012 parameters, X MB
# rf-train: 40 steps, 14124 tokens, ...
