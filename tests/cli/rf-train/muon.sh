# muon: stopped in the middle and with updates in backward it ends with the same bytes
. "$ROOT/tests/cli/rf-train/data.inc"
muon() { rf-train -q -c tiny.yaml --optim.name muon --optim.clip_update --optim.ema 0.9 --optim.clip 0 "$@"; }
muon -o whole
muon -o parts --train.stop_after 17steps
muon -o parts
same whole parts
muon -o layers --optim.in_backward
same whole layers
rf-train -c tiny.yaml -o parts --optim.name adamw
#out
# parts is like whole
# layers is like whole
#err
# rf-train: stopped at step 17 of 40 as asked; start again to go on
# rf-train: the run has optim.name muon, not adamw: choose another train.run
#exit 1
