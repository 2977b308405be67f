# a masked shard is the first epoch of the sequences
. "$ROOT/tests/cli/rf-train/data.inc"
mask-tokens -q -o masked.rfs train.rfs
mask-tokens -q -o masked-eval.rfs eval.rfs
n=$(shard-cat -v train.rfs 2>&1 >/dev/null | grep -oE '[0-9]+ (records|sequences)' | cut -d ' ' -f 1)
args="-q -c tiny.yaml --train.batch 1 --train.steps ${n:-40} --train.eval_every 0 --train.save_every 0"
# shellcheck disable=SC2086
rf-train $args -o a && rf-train $args -o b --data.train masked.rfs --data.eval eval=masked-eval.rfs
cmp a/step-*/weights.safetensors b/step-*/weights.safetensors && cmp <(without_times a) <(without_times b) && echo same
rf-train -q -c tiny.yaml -o c --data.eval '' -V '' --train.steps 10
cut -f 10-14 c/log.tsv | sort -u
ls c
#out
# same
# -	-	-	-	-
# eval_loss	eval_ppl	eval_bits	eval_acc	unigram_loss
# lock
# log.tsv
# step-00000010
