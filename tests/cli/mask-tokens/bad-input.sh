mask-tokens missing.rfs; echo $?
cd "$ROOT/tests/golden/shard" || exit
mask-tokens good/0003-tokens.rfs; echo $?
mask-tokens good/0005-masked.rfs; echo $?
mask-tokens good/0011-no-special-tokens.rfs >/dev/null; echo $?
mask-tokens -o "$OLDPWD/m.rfs" bad/0025-no-end-frame.rfs; echo $?
head -c 100 good/0014-frames.rfs | mask-tokens -o "$OLDPWD/m.rfs"; echo $?
ls "$OLDPWD"
