# threads and another start change no bit; another seed does
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -q -c tiny.yaml -o one -j 1
rf-train -q -c tiny.yaml -o two -j 2
rf-train -q -c tiny.yaml -o three -j 3
rf-train -q -c tiny.yaml -o seed -s 2
same one two
same one three
cmp -s one/step-00000040/weights.safetensors seed/step-00000040/weights.safetensors || echo 'another seed, another model'
#out
# two is like one
# three is like one
# another seed, another model
