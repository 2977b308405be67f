# there and back: what shapes tell, what a file adds, the same weights again
cp "$ROOT/tests/golden/reformer/state144.safetensors" m.safetensors
echo 'model: {rounds: 2, causal: true, max_len: 32, pkm_topk: 3}' >model.yaml
rf-convert -c model.yaml -o run m.safetensors
ckpt-info run | grep -E '^(step|vocab_size|model\.(compat|dim|depth|heads|dim_head|causal|mem_kv|norm|position|pkm_layers|pkm_keys|tied_embedding)):'
rf-convert -o back.safetensors run
rf-convert -c model.yaml -o again back.safetensors
cmp run/step-00000000/weights.safetensors again/step-00000000/weights.safetensors && echo same
rf-convert -v -o b2.safetensors again 2>&1 | sed 's/[0-9.]* s, peak.*/TIME/'
cmp back.safetensors b2.safetensors && ls
#out
# step: 0
# vocab_size: 20
# model.compat: reformer-pytorch-1.4.4
# model.dim: 16
# model.depth: 2
# model.heads: 2
# model.dim_head: 8
# model.causal: true
# model.mem_kv: 2
# model.norm: rezero
# model.position: rotary
# model.tied_embedding: true
# model.pkm_layers: 2
# model.pkm_keys: 6
# same
# rf-convert: 3996 parameters, TIME
# again
# b2.safetensors
# back.safetensors
# m.safetensors
# model.yaml
# run
