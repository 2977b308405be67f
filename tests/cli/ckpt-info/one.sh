# a checkpoint by name; -v adds the summary
cp -r "$ROOT/tests/golden/checkpoint/v1" run
ckpt-info run/step-00000100 | head -n 2
ckpt-info -v run 2>&1 >/dev/null | sed 's/[0-9.]* s, peak.*/TIME/'
#out
# path: run/step-00000100
# step: 100
# ckpt-info: step 200, TIME
