# 85 % of the labels are hidden (4), the rest stand as they were.
shard-wiki -l 24 "$ROOT/tests/golden/shard/good/0019-forty-documents.rfs" >seq.rfs
mask-tokens --electra seq.rfs >electra.rfs
mask-tokens --mask-part 85% --random-part 0 seq.rfs | shard-cat >same
shard-cat electra.rfs | cmp - same && shard-cat --info electra.rfs | tail -n 1
mask-tokens --electra --mask-part 0.9 seq.rfs; echo $?
