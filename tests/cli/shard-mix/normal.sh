# By weight, without end, each file in passes of its own.
. "$ROOT/tests/cli/shard-mix/inputs.inc"
shard-mix two.rfs=1 six.rfs=3 | shard-cat
shard-mix -v -n 8000 -o mix.rfs two.rfs=1 six.rfs=3 2>&1 | sed 's/, [0-9.]* s, .*//'
shard-cat mix.rfs | sort | uniq -c | sort -n
shard-cat --info mix.rfs | tail -n 1
shard-mix -n 8000 two.rfs six.rfs=3 | cmp - mix.rfs && echo same seed, same bytes
shard-mix -n 8000 -s 2 two.rfs six.rfs=3 | cmp -s - mix.rfs || echo other seed, other bytes
shard-mix -n 6000 six.rfs | shard-cat | awk 'NR % 6 == 1 { split("", seen); n = 0 } !seen[$0]++ { n++ }
    NR % 6 == 0 && n != 6 { print "pass " NR / 6 " is none" } { all[NR % 6 $0] = 1 } END { print length(all) }'
