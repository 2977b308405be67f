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
