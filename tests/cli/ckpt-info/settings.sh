# the newest of a run; of the model the three settings that its config.yaml names
cp -r "$ROOT/tests/golden/checkpoint/v1" run
ckpt-info run | grep -vE '^model\.(max_len|chunk|rounds|ff_|causal|final_norm)'
