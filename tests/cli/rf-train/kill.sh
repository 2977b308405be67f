# killed at any moment and started again, it ends with the same bytes
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -q -c tiny.yaml -o whole --train.save_every 7
for try in 1 2 3 4 5; do
    rf-train -q -c tiny.yaml -o killed --train.save_every 7 &
    sleep "0.$((try * 17 % 10))"
    kill -KILL $! 2>/dev/null
    wait $! 2>/dev/null
done 2>/dev/null
rf-train -q -c tiny.yaml -o killed --train.save_every 7
same whole killed
#out
# killed is like whole
