# 85 % of the labels are hidden (4), the rest stand as they were.
shard-wiki -l 24 "$ROOT/tests/golden/shard/good/0019-forty-documents.rfs" >seq.rfs
mask-tokens --electra seq.rfs >electra.rfs
mask-tokens --mask-part 85% --random-part 0 seq.rfs | shard-cat >same
shard-cat electra.rfs | cmp - same && shard-cat --info electra.rfs | tail -n 1
mask-tokens --electra --mask-part 0.9 seq.rfs; echo $?
#out
# provenance: mask-tokens 0.1.0 rate=0.15 mask-part=0.85 random-part=0 electra=true whole-word=false span=1 seed=1 epoch=0
# 2
#err
# mask-tokens: --electra says --mask-part and --random-part
