# the newest of a run; of the model the three settings that its config.yaml names
cp -r "$ROOT/tests/golden/checkpoint/v1" run
ckpt-info run | grep -E '^model\.(dim|depth|heads):|^[^m]|^max_len'
