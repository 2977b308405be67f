# slow, on one core
# what uses a model says the same on both devices, but for rounding; which device trained it does not matter
. "$ROOT/tests/cli/cuda/plugin.inc"
. "$ROOT/tests/cli/rf-sample/model.inc"
# both NAME TOLERANCE COMMAND...: the tables that it prints
both() {
    local name=$1 tolerance=$2
    shift 2
    for device in cpu cuda; do "$@" --device $device >"$name-$device" || echo "$name: status $?"; done
    echo "$name: $(near "$name-cpu" "$name-cuda" "$tolerance")"
}
for layout in aligned chunked; do
    rf-train "${clm[@]}" --train.run $layout --model.lsh_layout $layout --train.gemm exact
    both eval-$layout 1e-5 rf-eval -m $layout eval.rfs
    both strict-$layout 1e-4 rf-eval -m $layout --strict --positions 4 eval.rfs
    both sample-$layout 0 rf-sample -m $layout --greedy 'the sky'
    both exact-$layout 0 rf-sample -m $layout --greedy --exact 'the grass'
done
printf '%s\n' 'the sky is blue .' 'the grass is blue .' >lines.txt
both score 1e-4 rf-score -m aligned lines.txt
both embed 1e-4 rf-embed -m aligned lines.txt
for weights in bf16 int8; do both $weights 1e-3 rf-eval -m aligned --weights $weights eval.rfs; done
rf-train -q -c "$ROOT/tests/cli/rf-train/tiny.yaml" --train.steps 60 --train.run words
echo 'the [MASK] is' >masked.txt
both fill 1e-4 rf-fill -m words -k 3 masked.txt
#out
# eval-aligned: near
# strict-aligned: near
# sample-aligned: near
# exact-aligned: near
# eval-chunked: near
# strict-chunked: near
# sample-chunked: near
# exact-chunked: near
# score: near
# embed: near
# bf16: near
# int8: near
# fill: near
