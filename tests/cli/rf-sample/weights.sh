# weights in fewer bits: nearly what they were; the same text whatever the number of samples
. "$ROOT/tests/cli/rf-sample/model.inc"
strict() { rf-eval --strict --weights "$1" train.rfs | awk -F '\t' 'NR == 2 { print $10 }'; }
for type in bf16 int8; do
    rf-sample --weights $type --greedy 'the sky'
    echo "$(strict fp32) $(strict $type)" | awk -v type=$type '
        { d = $2 / $1 - 1; print type, (d * d < 1e-4 && d != 0 ? "close" : d) }'
done
rf-train "${clm[@]}" --model.lsh_layout aligned --train.gemm exact --train.run exact --train.steps 20 --model.attn_heads 1
draw() { rf-sample -m exact -n 40 -t 1.5 --json --weights int8 "$@" 'the'; }
draw --samples 4 >four
draw --samples 2 -j 1 | cmp - <(head -n 2 four)
rf-sample --weights int4 a
#out
# the sky
# the sky is blue.
# it is high.
# bf16 close
# the sky
# the sky is blue.
# it is high.
# int8 close
#err
# rf-sample: bad value 'int4' for 'weights': must be fp32, bf16, int8; did you mean 'int8'?
# Try 'rf-sample --help'.
#exit 2
