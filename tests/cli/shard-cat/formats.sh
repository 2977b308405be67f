# JSON lines, NumPy arrays and raw ids of each kind
cd "$ROOT/tests/golden/shard/good" || exit
for f in 0003-tokens.rfs 0004-tokens-empty-lines.rfs 0005-masked.rfs 0002-sequences.rfs; do
    shard-cat -f jsonl $f
    shard-cat -f raw $f | od -An -v -t u2 -w8
done
shard-cat -f raw 0008-32-bit-ids.rfs | od -An -v -t u4
for f in 0002-sequences.rfs 0005-masked.rfs 0008-32-bit-ids.rfs; do
    shard-cat -f npy $f >"$OLDPWD/npy"
    cd "$OLDPWD" || exit
    head -c 127 npy | tail -c +11 | tr -s ' '
    echo
    tail -c +129 npy | od -An -v -t d4 -w32
    cd "$OLDPWD" || exit
    cat $f | shard-cat -f npy -o "$OLDPWD/late.npy" && cmp "$OLDPWD/npy" "$OLDPWD/late.npy"
    cat $f | shard-cat -f npy >"$OLDPWD/late.npy" && cmp "$OLDPWD/npy" "$OLDPWD/late.npy"
    shard-cat -f npy --from 1 $f >"$OLDPWD/npy"
    cat $f | shard-cat -f npy --from 1 -o "$OLDPWD/late.npy" && cmp "$OLDPWD/npy" "$OLDPWD/late.npy"
done
cat 0002-sequences.rfs | shard-cat -f npy | cat; echo "${PIPESTATUS[1]}"
cat 0002-sequences.rfs | shard-cat -f npy >>"$OLDPWD/late.npy"; echo $?
shard-cat -f npy 0003-tokens.rfs; echo $?
shard-cat -f npy 0011-no-special-tokens.rfs; echo $?
#out
# {"doc":0,"sentences":[[10,11],[12]]}
# {"doc":1,"sentences":[[13]]}
#     10    11    12    13
# {"doc":0,"sentences":[]}
# {"doc":1,"sentences":[[],[299],[]]}
# {"doc":2,"sentences":[]}
#    299
# {"doc":0,"ids":[2,4,11,4,3],"positions":[1,3],"labels":[10,12]}
# {"doc":1,"ids":[2,13,3],"positions":[],"labels":[]}
#      2     4    11     4
#      3     2    13     3
# {"doc":0,"ids":[2,10,11,3]}
# {"doc":1,"ids":[2,12,3]}
#      2    10    11     3
#      2    12     3
#       65536      70000          1
# {'descr': '<u2', 'fortran_order': False, 'shape': (2, 8), } 
#       655362      196619           0           0      786434           3           0           0
# {'descr': '<i4', 'fortran_order': False, 'shape': (2, 2, 8), } 
#            2           4          11           4           3           0           0           0
#         -100          10        -100          12        -100        -100        -100        -100
#            2          13           3           0           0           0           0           0
#         -100        -100        -100        -100        -100        -100        -100        -100
# {'descr': '<i4', 'fortran_order': False, 'shape': (1, 2, 8), } 
#        65536       70000           1           0           0           0           0           0
#         -100       69999        -100        -100        -100        -100        -100        -100
# 1
# 1
# 1
# 1
#err
# shard-cat: npy needs the number of records first: read files by name, or write to one
# shard-cat: npy needs the number of records first: read files by name, or write to one
# shard-cat: documents have no common length: not for npy
# shard-cat: the vocabulary has no [PAD] to fill up rows with
