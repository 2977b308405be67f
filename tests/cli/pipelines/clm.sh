# clm.mk on little: a model that writes on, and its pictures, bits per byte too
. "$ROOT/tests/cli/rf-train/data.inc"
here=${PWD#"$ROOT/"} # make takes no spaces, which may stand in the root's name
{ sed 's/^model:/&\n  max_len: 32\n  causal: true\n  lsh_layout: aligned/' tiny.yaml; printf 'data:\n  task: clm\n'; } >clm.yaml
make -s -C "$ROOT" -f pipelines/clm.mk BIN="$BIN" OUT="$here/out" CORPUS="$here/corpus.txt" YAML="$here/clm.yaml" \
    VOCAB_SIZE=1200 SAMPLE='--tokens 5' >log 2>err || cat err
sed "s|$here/||g" log | head -n 3 | blur # an empty line before the two
tail -n +4 log | cmp - out/sample.txt && grep -o '^서울은' out/sample.txt
make -s -C "$ROOT" -f pipelines/clm.mk BIN="$BIN" OUT="$here/out" CORPUS="$here/corpus.txt" YAML="$here/clm.yaml" \
    VOCAB_SIZE=1200 SAMPLE='--tokens 5' PROMPT=부산은 2>&1 | tail -n 1 | grep -o '^부산은'
ls out
awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i } $4 == "eval" { print ($c["eval_bits"] > 0) }' out/run/log.tsv
grep -o 'bits per byte' out/bits.svg
#out
#
# after 40 steps: loss X on held-out text; a unigram model of the same tokens: X
# the curves are in out/loss.svg, out/perplexity.svg and out/bits.svg; the model writes:
# 서울은
# 부산은
# bits.svg
# eval.rfs
# loss.svg
# perplexity.svg
# run
# sample.txt
# train.rfs
# vocab.txt
# 1
# 1
# bits per byte
