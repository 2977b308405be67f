cp -r "$ROOT/tests/golden/checkpoint/v1" run
rm run/step-00000100/state run/step-00000200/MANIFEST
ckpt-info run
