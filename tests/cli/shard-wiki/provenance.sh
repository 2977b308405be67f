cd "$ROOT/tests/golden/shard/good" || exit
shard-wiki -l 24 0019-forty-documents.rfs | shard-cat --info
shard-wiki --no-provenance 0019-forty-documents.rfs | shard-cat --info
#out
# kind: sequences
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
# labels: 0
# provenance: wp-encode 0.1.0
# provenance: shard-wiki 0.1.0 max-len=24 eval-share=0.1 join=false shuffle=false shards=1 seed=1 part=all
# kind: sequences
# coding: packed
# max-len: 512
# id-bytes: 2
# vocab-size: 300
# vocab-digest: 000102030405060708090a0b0c0d0e0f
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
# parts: 1
# frames: 1
# records: 35
# tokens: 1354
# labels: 0
