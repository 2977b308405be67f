# where there is no bfloat16 a run in it is evaluated in float32, and not without a word, also with -q
grep -q avx512_bf16 /proc/cpuinfo && { echo 'a processor with bfloat16' >&2; exit 77; }
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -q -c tiny.yaml --train.dtype bf16
rf-eval -q eval.rfs | wc -l
echo 'a [MASK]' | rf-fill -q | wc -l
#out
# 2
# 1
#err
# rf-train: no bfloat16 on this processor: products are of float32
# rf-eval: no bfloat16 on this processor: products are of float32
# rf-fill: no bfloat16 on this processor: products are of float32
