# one line each, and no partial file
. "$ROOT/tests/cli/rf-fill/model.inc"
rf-fill -m nothing </dev/null
rf-fill none.txt
rf-fill -V none.txt </dev/null
tail -n +2 vocab.txt >other.txt
rf-fill -V other.txt </dev/null
printf 'fine\n\377\n' | rf-fill -o out.txt
rf-fill --ema </dev/null
head -c 100 run/step-00000300/weights.safetensors >w
mv w run/step-00000300/weights.safetensors
echo '[MASK]' | rf-fill
echo '[MASK]' | rf-fill -m run/step-00000300
ls
