# how products are computed belongs to a run; where there is no bfloat16 one line says so
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -q -c tiny.yaml -o exact --train.gemm exact -j 1
rf-train -q -c tiny.yaml -o two --train.gemm exact -j 2
same exact two
rf-train -q -c tiny.yaml -o foreign --train.gemm onednn -j 1
rf-train -q -c tiny.yaml -o more --train.gemm onednn -j 2
same foreign more
paste exact/log.tsv foreign/log.tsv | awk 'NR == 1 { n = NF / 2; next }
    $5 != "-" { d = $5 - $(5 + n); far += d * d > 1e-6 } END { print NR, far + 0, "far" }'
rf-train -q -c tiny.yaml -o exact --train.gemm fast
rf-train -c tiny.yaml --train.dtype bf16 --data.eval '' -o half 2>half.err
grep -q avx512_bf16 /proc/cpuinfo && want='' || want='rf-train: no bfloat16 on this processor: products are of float32'
[ "$(cat half.err)" = "$want" ] && echo 'said'
tail -n 1 half/log.tsv | awk '{ print $5 < 7 ? "learns" : $0 }'
rf-train -c tiny.yaml --train.dtype tf32 --data.eval '' -o tf32
rf-train -q -c tiny.yaml --data.eval '' -o fp32
same fp32 tf32
rf-train -c tiny.yaml --train.dtype bf16x3 --data.eval '' -o split 2>split.err
grep -q amx_bf16 /proc/cpuinfo && want='' || want='rf-train: no bf16x3 on this processor: products are of float32'
[ "$(cat split.err)" = "$want" ] && echo 'said'
paste fp32/log.tsv split/log.tsv | awk 'NR == 1 { n = NF / 2; next }
    { d = $5 - $(5 + n); far += d * d > 1e-8 } END { print NR, far + 0, "far" }'
rf-train -c tiny.yaml --train.memory 1 --data.eval '' -o small 2>&1 | blur
rf-train -q -c tiny.yaml --json --train.log_every 5 -o full >/dev/full
tail -n 1 full/log.tsv | cut -f 1
#out
# two is like exact
# more is like foreign
# 7 0 far
# said
# learns
# tf32 is like fp32
# said
# 5 0 far
# rf-train: the run takes X MB of memory, more than train.memory allows
# 5
#err
# rf-train: the run has train.gemm exact, not fast: choose another train.run
# rf-train: no TF32 on this processor: products are of float32
# rf-train: cannot write 'standard output': No space left on device
