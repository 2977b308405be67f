# a run computes where it is told, a plugin's device too, and goes on there; what is no plugin is refused
. "$ROOT/tests/cli/rf-train/data.inc"
export RF_PLUGIN_PATH=$BUILD/tests/plugin
rf-train -q -c tiny.yaml -o cpu
rf-train -v -c tiny.yaml -o pass --train.device pass 2>&1 | sed -n 's/.*kernels \([a-z]*\), .*/kernels \1/p'
same cpu pass
grep device pass/step-00000040/config.yaml
rf-train -q -c tiny.yaml -o pass
rf-eval -q -m pass eval.rfs >as-trained.tsv
rf-eval -q -m pass --device cpu eval.rfs | cmp - as-trained.tsv && echo 'evaluated on both'
text='세종은 새로 [MASK] 글자를 만들었다.'
rf-fill -q -m pass --device cpu <<<"$text" | cmp - <(rf-fill -q -m pass <<<"$text") && echo 'filled in on both'
rf-eval -q -j 3 -m cpu --device broken eval.rfs
rf-fill -q -m cpu --device mute <<<"$text"
for name in old short renamed empty; do
    rf-train -q -c tiny.yaml -o none --train.device $name
done 2>&1 | sed -E "s,$BUILD/tests/plugin/,,; s/[0-9]+( bytes)?, not [0-9]+/N\1, not M/"
export RF_PLUGIN_PATH=$PWD
rf-fill -q -m pass <<<"$text"
rf-train -q -c tiny.yaml -o none --train.device cuda
echo $?
rf-train -q -c tiny.yaml -o none --train.device ../pass
unset RF_PLUGIN_PATH
mkdir -p tools/bin tools/lib/reformer-tools
cp "$BIN/rf-eval" tools/bin
cp "$BUILD/tests/plugin/reformer-pass.so" tools/lib/reformer-tools
tools/bin/rf-eval -q -m pass eval.rfs | cmp - as-trained.tsv && echo 'found in ../lib/reformer-tools'
mv tools/lib/reformer-tools/reformer-pass.so tools/bin
tools/bin/rf-eval -q -m pass eval.rfs | cmp - as-trained.tsv && echo 'found beside the tool'
[ ! -e none ] && echo 'no folder of a run that could not begin'
#out
# kernels pass
# pass is like cpu
#   device: pass
# evaluated on both
# filled in on both
# rf-train: no device 'old': 'reformer-old.so' is a plugin of version N, not M
# rf-train: no device 'short': 'reformer-short.so' has a table of N bytes, not M: it was made for another version of the tools
# rf-train: no device 'renamed': 'reformer-renamed.so' is the plugin 'pass'
# rf-train: no device 'empty': 'reformer-empty.so' has no nn_plugin()
# 1
# found in ../lib/reformer-tools
# found beside the tool
# no folder of a run that could not begin
#err
# rf-train: the run has train.device pass, not cpu: choose another train.run
# rf-eval: device 'broken': no room for 3 threads
# rf-fill: device 'mute': invalid argument
# rf-fill: no device 'pass': reformer-pass.so is not there; --device cpu computes on the processor
# rf-train: no device 'cuda': reformer-cuda.so is not there
# rf-train: no device '../pass': a name is of small letters, digits, '-' and '_'
