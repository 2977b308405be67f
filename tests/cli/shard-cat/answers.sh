cd "$ROOT/tests/golden/shard/good" || exit
shard-cat --count 0015-parts.rfs
shard-cat --check 0015-parts.rfs
shard-cat --info 0013-chain.rfs
shard-cat --info 0005-masked.rfs
#out
# 8
# ok: records 8, tokens 49, labels 0, frames 2, parts 2
# kind: sequences
# coding: plain
# max-len: 8
# id-bytes: 2
# vocab-size: 300
# vocab-digest: 000102030405060708090a0b0c0d0e0f
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
# parts: 1
# frames: 1
# records: 2
# tokens: 7
# labels: 0
# provenance: wp-encode 0.1.0 lower-case=false
# provenance: shard-wiki 0.1.0 name='말뭉치 1'
# kind: masked
# coding: plain
# max-len: 8
# id-bytes: 2
# vocab-size: 300
# vocab-digest: 000102030405060708090a0b0c0d0e0f
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
# parts: 1
# frames: 1
# records: 2
# tokens: 8
# labels: 2
