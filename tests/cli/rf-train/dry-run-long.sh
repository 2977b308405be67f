# what would take too long to be tried, or has no room, is told all the same, and at once
. "$ROOT/tests/cli/rf-train/data.inc"
for options in '--model.chunk 65536' '--train.slots 65536' '--model.dim 16384 --model.depth 200'; do
    # shellcheck disable=SC2086
    timeout 60 rf-train -c tiny.yaml --dry-run $options >trial
    echo $?
    grep -E '^(step_seconds|tokens_per_s|mfu|hfu):' trial
done
rf-train -q -c tiny.yaml -o run --model.chunk 65536
ls
#out
# 1
# 0
# step_seconds: -
# tokens_per_s: -
# mfu: -
# hfu: -
# 0
# step_seconds: -
# tokens_per_s: -
# mfu: -
# hfu: -
# corpus.txt
# eval.rfs
# tiny.yaml
# tokens.rfs
# train.rfs
# trial
# vocab.txt
#err
# rf-train: model.chunk 65536 pads sequences of at most 64 tokens to 131072: say 512 or less
# rf-train: model.chunk 65536 pads sequences of at most 64 tokens to 131072: say 512 or less
