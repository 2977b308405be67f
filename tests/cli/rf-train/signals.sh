# TERM saves and stops with 75, a second one ends it, USR1 saves and goes on, USR2 says how far it is; none
# changes the end
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -q -c tiny.yaml -o whole
steps() { tail -n +2 "$1/log.tsv" 2>/dev/null | wc -l; }
has_steps() { [ "$(steps "$1")" -ge "$2" ]; }
has_saved() { ls asked/step-* >/dev/null 2>&1; }
has_news() { grep -q loss err; }
has_log() { [ -s "$1/log.tsv" ]; }
rf-train -q -c tiny.yaml -o asked --train.log_every 1 --train.save_every 0 --train.eval_every 0 --train.steps 100K 2>err &
wait_until has_steps asked 3
kill -USR1 $!
wait_until has_saved
echo 'saved'
kill -USR2 $!
wait_until has_news
n=$(steps asked)
wait_until has_steps asked $((n + 2))
kill -TERM $!
wait $!
echo "status $?"
sed -E 's/step [0-9]+/step N/; s/loss .*/LOSS/' err
ls -d asked/step-* | wc -l
for i in 1 2 3 4 5 6; do
    rf-train -q -c tiny.yaml -o parts --train.stop_after 0.01s 2>err && break
    [ $? = 75 ] || echo 'not 75'
    sed -E 's/step [0-9]+/step N/' err
done | sort -u
rf-train -q -c tiny.yaml -o parts 2>&1
same whole parts
rf-train -q -c tiny.yaml -o twice --train.slots 65536 & # one step, of minutes
wait_until has_log twice
kill -TERM $!
sleep 0.2
kill -TERM $!
wait $! 2>/dev/null
echo "status $?"
#out
# saved
# status 75
# rf-train: step N of 100000, LOSS
# rf-train: stopped at step N of 100000 as asked; start again to go on
# 2
# rf-train: stopped at step N of 40 as asked; start again to go on
# parts is like whole
# status 143
