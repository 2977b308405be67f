cd "$ROOT/tests/golden/shard/good" || exit
shard-wiki -l 24 0019-forty-documents.rfs >"$OLDPWD/seq.rfs"
cd "$OLDPWD" || exit
mask-tokens -v seq.rfs 2>summary >masked.rfs
sed 's/, [0-9.]* s, .*//' summary
shard-cat -n 12 masked.rfs
shard-cat --info masked.rfs
mask-tokens <seq.rfs | cmp - masked.rfs && echo same seed, same bytes
mask-tokens -s 2 seq.rfs | cmp -s - masked.rfs || echo other seed, other bytes
mask-tokens --epoch 1 --no-provenance seq.rfs | shard-cat >one
shard-cat masked.rfs | cmp -s - one || echo other epoch, other positions
#out
# mask-tokens: 81 sequences, 1400 tokens, 177 labels (12.6 %)
# 2 12 56 14 15 16 3	2:13
# 2 19 20 21 22 23 24 25 26 4 28 3 22 23 57 25 3	9:27 14:24
# 2 26 27 28 29 30 31 32 33 34 35 36 37 38 4 40 3	13:38 14:39
# 2 29 30 31 32 33 34 35 39 4 3 32 33 34 3	8:36 9:37
# 2 33 34 4 3 36 37 38 39 40 41 42 43 44 4 46 47 48 4 3	3:35 14:45 18:49
# 2 4 40 41 4 43 44 45 46 3 42 43 3	1:39 4:42
# 2 4 41 42 43 44 45 46 47 3 4 44 3	1:40 10:43
# 2 46 47 48 49 50 51 52 4 54 55 56 57 58 3 49 50 51 4 53 54 55 3	8:53 9:54 18:52
# 2 176 3	1:52
# 2 47 48 49 78 51 52 53 54 55 56 57 58 59 3 50 51 4 53 54 55 56 3	1:47 4:50 17:52
# 2 53 3 56 57 4 59 60 61 62 63 64 65 66 67 3 59 60 4 62 63 64 3	5:58 9:62 18:61
# 2 54 3 57 58 59 60 61 62 63 64 65 66 67 68 3 60 4 62 4 64 4 3	17:61 19:63 21:65
# kind: masked
# coding: packed
# max-len: 24
# id-bytes: 2
# vocab-size: 300
# vocab-digest: 000102030405060708090a0b0c0d0e0f
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
# parts: 1
# frames: 1
# records: 81
# tokens: 1400
# labels: 177
# provenance: wp-encode 0.1.0
# provenance: shard-wiki 0.1.0 max-len=24 eval-share=0.1 join=false shuffle=false shards=1 seed=1 part=all
# provenance: mask-tokens 0.1.0 rate=0.15 mask-part=0.8 random-part=0.1 electra=false whole-word=false span=1 seed=1 epoch=0
# same seed, same bytes
# other seed, other bytes
# other epoch, other positions
