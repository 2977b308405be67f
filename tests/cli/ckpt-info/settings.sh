# the newest of a run; of the model the three settings that its config.yaml names
cp -r "$ROOT/tests/golden/checkpoint/v1" run
ckpt-info run | grep -E '^model\.(dim|depth|heads):|^[^m]|^max_len'
#out
# path: run/step-00000200
# step: 200
# tokens: 25600
# seconds: 12.2
# skipped: 1
# vocab_size: 6
# vocab_digest: 000102030405060708090a0b0c0d0e0f
# max_len: 16
# ema: false
# tensors: 2
# parameters: 50
# dtype: F32
# model.dim: 8
# model.depth: 1
# model.heads: 2
# data.task: mlm
# optim.name: adamw
# weights.safetensors: 360 B
# optim.safetensors: 360 B
# config.yaml: 38 B
# state: 207 B
