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
#out
# 2 14 14 14 14 14 3
# 2 10 11 3
# 2 11 11 11 11 11 3
# 2 12 3
# 2 10 11 3
# 2 13 13 13 13 13 3
# 2 12 3
# 2 12 3
# shard-mix: 8000 records, 48874 tokens
#     994 2 10 10 10 10 10 3
#     994 2 11 11 11 11 11 3
#     994 2 12 12 12 12 12 3
#     994 2 13 13 13 13 13 3
#     994 2 14 14 14 14 14 3
#     994 2 15 15 15 15 15 3
#    1018 2 10 11 3
#    1018 2 12 3
# provenance: shard-mix 0.1.0 records=8000 from=0 seed=1 weights=1:3
# same seed, same bytes
# other seed, other bytes
# 36
