# Kinds qa and classes in the forms that they have, and not in the one that they do not have.
cd "$ROOT/tests/golden/shard/good" || exit
for f in 0033-packed-qa.rfs 0034-packed-classes.rfs; do
    shard-cat "$f"
    shard-cat -f jsonl "$f"
    shard-cat --info "$f"
    shard-cat -f shard "$f" | shard-cat --info | grep -v '^provenance'
    shard-cat -f npy -o /dev/null "$f"
done
#out
# 2 10 3 11 12 3	3-4	4-4
# 2 10 3 13 3	3-3	0-0
# {"doc":0,"ids":[2,10,3,11,12,3],"passage":[3,4],"answer":[4,4]}
# {"doc":0,"ids":[2,10,3,13,3],"passage":[3,3],"answer":[0,0]}
# kind: qa
# coding: packed
# max-len: 8
# id-bytes: 2
# vocab-size: 300
# vocab-digest: 000102030405060708090a0b0c0d0e0f
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
# parts: 1
# frames: 1
# records: 2
# tokens: 11
# labels: 4
# kind: qa
# coding: packed
# max-len: 8
# id-bytes: 2
# vocab-size: 300
# vocab-digest: 000102030405060708090a0b0c0d0e0f
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
# parts: 1
# frames: 1
# records: 2
# tokens: 11
# labels: 4
# 2 10 3	very bad
# 2 11 3 12 3	좋음
# {"doc":0,"ids":[2,10,3],"class":"very bad"}
# {"doc":1,"ids":[2,11,3,12,3],"class":"좋음"}
# kind: classes
# coding: packed
# max-len: 8
# id-bytes: 2
# vocab-size: 300
# vocab-digest: 000102030405060708090a0b0c0d0e0f
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
# class: 좋음
# class: very bad
# parts: 1
# frames: 1
# records: 2
# tokens: 8
# labels: 2
# provenance: a 1
# kind: classes
# coding: packed
# max-len: 8
# id-bytes: 2
# vocab-size: 300
# vocab-digest: 000102030405060708090a0b0c0d0e0f
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
# class: 좋음
# class: very bad
# parts: 1
# frames: 1
# records: 2
# tokens: 8
# labels: 2
#err
# shard-cat: records of kind qa are no rows of ids: not for npy
# shard-cat: records of kind classes are no rows of ids: not for npy
#exit 1
