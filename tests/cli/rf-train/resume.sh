# what a start finds saved is not saved again a step later; its notes have a loss only where there is one
. "$ROOT/tests/cli/rf-train/data.inc"
tiny() { rf-train -c tiny.yaml --train.save_every 4 --train.keep 9 --train.eval_every 4 --train.log_every 100 "$@" 2>&1; }
tiny --train.stop_after 4steps >/dev/null
tiny --train.stop_after 8steps | grep '^rf-train: \(going\|step\)' | blur
ls -d run/step-* | cut -d - -f 2
#out
# rf-train: going on from step 4
# rf-train: step 8: loss X, eval X (unigram X), accuracy X %
# rf-train: step 12: loss X, eval X (unigram X), accuracy X %
# 00000004
# 00000008
# 00000012
