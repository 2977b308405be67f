# One line and exit 1; what came before a fault is printed, a file written by name is not left.
cd "$ROOT/tests/golden/shard" || exit
cat bad/0065-totals.rfs | shard-cat; echo $?
shard-cat good/0002-sequences.rfs good/0003-tokens.rfs; echo $?
shard-cat -o "$OLDPWD/out" bad/0065-totals.rfs; echo $?
ls "$OLDPWD"
#out
# 2 10 11 3
# 2 12 3
# 1
# 2 10 11 3
# 2 12 3
# 1
# 1
#err
# shard-cat: index or totals wrong in 'standard input', end frame
# shard-cat: 'good/0003-tokens.rfs', part 1, differs in kind, vocabulary or length from what came before
# shard-cat: index or totals wrong in 'bad/0065-totals.rfs', end frame
