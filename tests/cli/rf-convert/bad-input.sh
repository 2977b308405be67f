# one line each, and no partial output
cp "$ROOT/tests/golden/reformer/state144.safetensors" m.safetensors
rf-convert -o run none.safetensors
rf-convert -o run m.safetensors
cp "$ROOT/tests/golden/reformer/m144-plain.safetensors" other.safetensors
rf-convert -o run other.safetensors
echo 'model: {max_len: 32, pkm_topk: 3, mem_kv: 0}' >other.yaml
rf-convert -c other.yaml -o run m.safetensors
echo 'model: {max_len: 32, pkm_topk: 3, heads: 4, dim_head: 8}' >heads.yaml
rf-convert -c heads.yaml -o run m.safetensors
echo 'model: {max_len: 32, chunks: 4}' >key.yaml
rf-convert -c key.yaml -o run m.safetensors
printf 'model: {max_len: 32, pkm_topk: 3}\ntrain: {slots: 3}\n' >slots.yaml
rf-convert -c slots.yaml -o run m.safetensors
echo 'model: {max_len: 32, pkm_topk: 3}' >good.yaml
python3 "$ROOT/tests/cli/rf-convert/wide.py" m.safetensors wide.safetensors
rf-convert -c good.yaml -o run wide.safetensors
rm wide.safetensors
printf '[PAD]\n[UNK]\n' >vocab.txt
rf-convert -c good.yaml -V vocab.txt -o run m.safetensors
head -c 9000 m.safetensors >cut.safetensors
rf-convert -c good.yaml -o run cut.safetensors
echo $?
cp -r "$ROOT/tests/golden/checkpoint/v1" old
rf-convert -o x.safetensors nowhere/
mkdir empty
rf-convert -o x.safetensors empty
rf-convert -c good.yaml -o old m.safetensors
ls
#out
# 1
# cut.safetensors
# empty
# good.yaml
# heads.yaml
# key.yaml
# m.safetensors
# old
# other.safetensors
# other.yaml
# slots.yaml
# vocab.txt
#err
# rf-convert: cannot open 'none.safetensors': No such file or directory
# rf-convert: 'm.safetensors' does not tell its length: say model.max_len with -c
# rf-convert: 'other.safetensors' holds no ReformerLM of reformer-pytorch
# rf-convert: 'm.safetensors': the model has no place for reformer.layers.blocks.0.f.net.fn.mem_kv
# rf-convert: 'm.safetensors': reformer.layers.blocks.0.f.net.fn.toqk.weight is not 512 numbers of type F32
# rf-convert: unknown key 'model.chunks' in 'key.yaml', line 1, did you mean 'model.chunk'?
# rf-convert: train.slots 3 is no power of two: say 2 or 4
# rf-convert: bad value '65' for 'model.ff_mult': must be 1 to 64 in 'wide.safetensors', line 26
# rf-convert: 'vocab.txt' has 2 tokens, the model 20
# rf-convert: tensor 'reformer.layers.blocks.0.f.net.fn.tov.weight' in 'cut.safetensors': lies past the end of the file
# rf-convert: cannot open 'nowhere/': No such file or directory
# rf-convert: no checkpoint in folder 'empty'
# rf-convert: 'old' has checkpoints already
