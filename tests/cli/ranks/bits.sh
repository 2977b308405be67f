# a sum has the same bits at any number of ranks; MPI's own sum need not
. "$ROOT/tests/cli/ranks/mpirun.inc"
"$TRIAL" >1
for n in 2 4 8; do
    ranks "$n" "$TRIAL" -n "$n" >"$n" && cmp 1 "$n" && echo "$n ranks: the same"
done
ranks 2 "$TRIAL" --ranks 0 --floats 3000000 --steps 2 >large # pieces of many messages
"$TRIAL" --floats 3000000 --steps 2 | cmp - large && echo 'many pieces: the same'
# An order of MPI's own, that of a ring: with it the digest is another one, so it would tell.
export OMPI_MCA_coll_tuned_use_dynamic_rules=1 OMPI_MCA_coll_tuned_reduce_scatter_algorithm=3
ranks 4 "$TRIAL" -n 4 --fast >fast
ranks 4 "$TRIAL" -n 4 --fast | cmp - fast && echo 'a fast sum is that of each run'
cmp -s 1 fast || echo 'and not that of one rank'
#out
# 2 ranks: the same
# 4 ranks: the same
# 8 ranks: the same
# many pieces: the same
# a fast sum is that of each run
# and not that of one rank
