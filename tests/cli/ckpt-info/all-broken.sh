cp -r "$ROOT/tests/golden/checkpoint/v1" run
rm run/step-00000100/state run/step-00000200/MANIFEST
ckpt-info run
#err
# ckpt-info: no valid checkpoint in 'run', 2 are broken: 'run/step-00000200/MANIFEST' is missing
#exit 1
