# slow, on one core
# twenty steps of masked words, by several optimisers: losses, gradients and evaluations as on the processor
. "$ROOT/tests/cli/cuda/plugin.inc"
. "$ROOT/tests/cli/cuda/both.inc"
both mlm
both local --model.layers local,full --model.position rotary --model.norm scale --model.ff_glu
both factored --optim.name adafactor --model.pkm_layers 2 --model.pkm_keys 16 --model.pkm_topk 4
both muon --optim.name muon --train.slots 2 --model.ff_dropout 10% --model.lsh_dropout 10%
both lion --optim.name lion --optim.ema 0.9 --model.tied_embedding --optim.lr 0.0003
#out
# mlm: near
# local: near
# factored: near
# muon: near
# lion: near
