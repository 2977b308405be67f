# requests to save and to report do no harm in the first moment either; one to stop ends it while there is nothing to lose
. "$ROOT/tests/cli/rf-train/data.inc"
mkfifo settings
for signal in USR1 USR2 HUP TERM; do
    rm -rf run
    rf-train -q -c settings -o run --train.steps 2 --train.eval_every 0 2>err &
    sleep 0.5 # it waits for its settings
    kill -$signal $!
    timeout 2 cp tiny.yaml settings
    wait $!
    echo "$signal: status $?"
    ls run 2>/dev/null | grep step
done 2>/dev/null
true
#out
# USR1: status 0
# step-00000001
# step-00000002
# USR2: status 0
# step-00000002
# HUP: status 129
# TERM: status 143
