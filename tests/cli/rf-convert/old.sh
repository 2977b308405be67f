# 1.1.3: a twin, scale norm, an embedding of its own width; heads from the one value head
rf-convert -o run "$ROOT/tests/golden/reformer/state113.safetensors"
ckpt-info run | grep -E '^(max_len|model\.(compat|heads|dim_head|twin|norm|position|axial_shape|chunk|emb_dim|ff_glu|one_value_head)):'
rf-convert -o m.safetensors run
rf-convert -o again m.safetensors
cmp run/step-00000000/weights.safetensors again/step-00000000/weights.safetensors && echo same
rf-convert --compat reformer-pytorch-1.4.4 -o x.safetensors run
echo $?
ls
#out
# max_len: 32
# model.compat: reformer-pytorch-1.1.3
# model.heads: 2
# model.dim_head: 8
# model.chunk: 4
# model.one_value_head: true
# model.twin: true
# model.ff_glu: false
# model.norm: scale
# model.position: axial
# model.axial_shape: 8x4
# model.emb_dim: 12
# same
# 1
# again
# m.safetensors
# run
#err
# rf-convert: reformer-pytorch-1.4.4 has no model without final norm
