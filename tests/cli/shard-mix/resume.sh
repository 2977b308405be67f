# Whatever is left out, the rest is the same.
. "$ROOT/tests/cli/shard-mix/inputs.inc"
shard-mix -n 100 two.rfs six.rfs=0.5 | shard-cat -f jsonl >all
for from in 0 1 2 50 99 100; do
    shard-mix -n 100 --from $from two.rfs six.rfs=0.5 | shard-cat -f jsonl | cmp - <(tail -n +$((from + 1)) all) || echo "from $from"
done
shard-mix --from 5 two.rfs six.rfs=0.5 | shard-cat --count
shard-mix --from 500 two.rfs six.rfs=0.5 | shard-cat --count
#out
# 3
# 0
