# a run in bfloat16 is evaluated in bfloat16, unless another type is asked for
grep -q avx512_bf16 /proc/cpuinfo || { echo 'a processor without bfloat16' >&2; exit 77; }
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -q -c tiny.yaml --train.dtype bf16
want=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i } $c["eval_loss"] != "-" { x = $c["eval_loss"] } END { print x }' run/log.tsv)
eval_loss() { rf-eval "$@" eval.rfs | awk -F '\t' 'NR == 2 { printf "%.5f\n", $4 }'; }
[ "$(eval_loss)" = "$want" ] && echo 'as in training'
[ "$(eval_loss --set train.dtype=fp32)" != "$want" ] && echo 'another type, another loss'
true
#out
# as in training
# another type, another loss
