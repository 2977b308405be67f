# reformer-pytorch has one kind of attention for all layers
cp "$ROOT/tests/golden/reformer/state144.safetensors" m.safetensors
convert() { echo "model: {rounds: 2, causal: true, max_len: 32, pkm_topk: 3, $1}" >model.yaml; rf-convert -q -c model.yaml -o "$2" m.safetensors; }
convert "layers: 'local,lsh'" read
convert 'layers: full' full && convert 'full_attn: true' full_attn
for run in full full_attn; do rf-convert -q -o $run.safetensors $run; done
cmp full.safetensors full_attn.safetensors && cmp full.safetensors <(rf-convert -q -o /dev/stdout full_attn) && echo 'as they were'
ls
#out
# as they were
# full
# full.safetensors
# full_attn
# full_attn.safetensors
# m.safetensors
# model.yaml
#err
# rf-convert: model.layers: reformer-pytorch-1.4.4 has no layers of different kinds
