# rf-train starts itself anew to set how threads wait: standard input and signals stay what they were
. "$ROOT/tests/cli/rf-train/data.inc"
unset OMP_WAIT_POLICY GOMP_SPINCOUNT
cat train.rfs | rf-train -q -c tiny.yaml -o piped - && ls -d piped/step-00000040
has_log() { [ -s "$1/log.tsv" ]; }
rf-train -q -c tiny.yaml -o asked --train.steps 100K 2>/dev/null &
wait_until has_log asked
kill -TERM $!
wait $!
echo "status $?"
nohup rf-train -q -c tiny.yaml -o hung --train.steps 200 >/dev/null 2>&1 &
wait_until has_log hung
kill -HUP $!
wait $!
echo "status $?"
echo 'no [MASK]' | rf-fill -m nowhere
#out
# piped/step-00000040
# status 75
# status 0
#err
# rf-fill: cannot open folder 'nowhere': No such file or directory
#exit 1
