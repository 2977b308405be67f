# killed again and again at random moments, most of them inside a save: it ends with the same bytes
# slow
. "$ROOT/tests/cli/rf-train/data.inc"
args='-q -c tiny.yaml --train.save_every 1 --train.log_every 3 --optim.name adafactor --optim.first_moment --optim.ema 0.9'
# shellcheck disable=SC2086
rf-train $args -o whole
RANDOM=${SEED:-1} kills=0
for _ in $(seq "${KILLS:-40}"); do
    # shellcheck disable=SC2086
    rf-train $args -o killed 2>err &
    sleep "0.$(printf '%03d' $((RANDOM % 500)))"
    kill -KILL $! 2>/dev/null && kills=$((kills + 1))
    wait $! 2>/dev/null
    [ -s err ] && cat err
    [ -e killed/step-00000040 ] && { same whole killed | grep -v "is like"; rm -r killed; }
done 2>/dev/null | sort -u
# shellcheck disable=SC2086
rf-train $args -o killed
same whole killed
ls killed | grep -vE '^(step-[0-9]{8}|lock|log.tsv|vocab.txt)$'
true
#out
# killed is like whole
