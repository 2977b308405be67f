# a full disk: no file, status 1
cp "$ROOT/tests/golden/reformer/state113.safetensors" m.safetensors
rf-convert -o run m.safetensors
rf-convert -o /dev/full run
echo $?
rf-convert -o /dev/full/run m.safetensors
#out
# 1
#err
# rf-convert: cannot write '/dev/full': No space left on device
# rf-convert: cannot open folder '/dev/full/run': Not a directory
#exit 1
