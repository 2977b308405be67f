# Masked shards of two lengths: labels come along, the larger length stays.
. "$ROOT/tests/cli/shard-mix/inputs.inc"
shard-wiki -l 24 --no-provenance "$good/0019-forty-documents.rfs" | mask-tokens -o long.rfs
mask-tokens -o short.rfs six.rfs
cat <(shard-cat long.rfs) <(shard-cat short.rfs) | sort -u >all
shard-mix -n 40 long.rfs short.rfs=0.1 >mix.rfs
shard-cat mix.rfs | sort -u | comm -23 - all
shard-cat --info mix.rfs
#out
# kind: masked
# coding: packed
# max-len: 24
# id-bytes: 2
# vocab-size: 300
# vocab-digest: 000102030405060708090a0b0c0d0e0f
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
# parts: 1
# frames: 1
# records: 40
# tokens: 617
# labels: 80
# provenance: mask-tokens 0.1.0 rate=0.15 mask-part=0.8 random-part=0.1 electra=false whole-word=false span=1 seed=1 epoch=0
# provenance: shard-mix 0.1.0 records=40 from=0 seed=1 weights=1:0.1
