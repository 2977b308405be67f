# One line and exit 1; what came before a fault is printed, a file written by name is not left.
cd "$ROOT/tests/golden/shard" || exit
cat bad/0065-totals.rfs | shard-cat; echo $?
shard-cat good/0002-sequences.rfs good/0003-tokens.rfs; echo $?
shard-cat -o "$OLDPWD/out" bad/0065-totals.rfs; echo $?
ls "$OLDPWD"
