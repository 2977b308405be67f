# One line and exit 1, and neither of the two files.
shard-wiki missing.rfs; echo $?
cd "$ROOT/tests/golden/shard" || exit
shard-wiki good/0002-sequences.rfs; echo $?
shard-wiki bad/0002-text.rfs; echo $?
head -c -1 good/0019-forty-documents.rfs | shard-wiki --train "$OLDPWD/t.rfs" --eval "$OLDPWD/e.rfs"; echo $?
shard-wiki good/0003-tokens.rfs bad/0056-sentences-past-payload.rfs >/dev/null; echo $?
ls "$OLDPWD"
#out
# 1
# 1
# 1
# 1
# 1
#err
# shard-wiki: cannot open 'missing.rfs': No such file or directory
# shard-wiki: 'good/0002-sequences.rfs' holds records of kind sequences, not tokens
# shard-wiki: 'bad/0002-text.rfs' is not a shard
# shard-wiki: 'standard input' is cut off at byte 1299: its end frame is missing
# shard-wiki: columns of wrong size in 'bad/0056-sentences-past-payload.rfs', frame 1
