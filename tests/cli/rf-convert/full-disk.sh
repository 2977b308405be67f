# a full disk: no file, status 1
cp "$ROOT/tests/golden/reformer/state113.safetensors" m.safetensors
rf-convert -o run m.safetensors
rf-convert -o /dev/full run
echo $?
rf-convert -o /dev/full/run m.safetensors
