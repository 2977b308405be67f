mask-tokens missing.rfs; echo $?
cd "$ROOT/tests/golden/shard" || exit
mask-tokens good/0003-tokens.rfs; echo $?
mask-tokens good/0005-masked.rfs; echo $?
mask-tokens good/0011-no-special-tokens.rfs >/dev/null; echo $?
mask-tokens -o "$OLDPWD/m.rfs" bad/0025-no-end-frame.rfs; echo $?
head -c 100 good/0014-frames.rfs | mask-tokens -o "$OLDPWD/m.rfs"; echo $?
ls "$OLDPWD"
#out
# 1
# 1
# 1
# 1
# 1
# 1
#err
# mask-tokens: cannot open 'missing.rfs': No such file or directory
# mask-tokens: 'good/0003-tokens.rfs' holds records of kind tokens, not sequences
# mask-tokens: 'good/0005-masked.rfs' holds records of kind masked, not sequences
# mask-tokens: the vocabulary has no [MASK]
# mask-tokens: 'bad/0025-no-end-frame.rfs' is cut off at byte 183: its end frame is missing
# mask-tokens: 'standard input' is cut off at byte 100: its end frame is missing
