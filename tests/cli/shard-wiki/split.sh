# Documents go to the one file or to the other, by number and seed; no line is lost.
in=$ROOT/tests/golden/shard/good/0019-forty-documents.rfs
shard-wiki -v -l 24 --train train.rfs --eval eval.rfs "$in" 2>&1 | sed 's/, [0-9.]* s, .*//'
shard-cat --info eval.rfs
shard-wiki -l 24 "$in" | shard-cat | sort >all
shard-cat train.rfs eval.rfs | sort | cmp - all && echo nothing lost
shard-wiki -l 24 --train again.rfs --eval again-eval.rfs <"$in"
cmp train.rfs again.rfs && cmp eval.rfs again-eval.rfs && echo same seed, same bytes
shard-wiki -l 24 -s 2 --train other.rfs --eval other-eval.rfs "$in"
cmp -s eval.rfs other-eval.rfs || echo other seed, other bytes
shard-wiki --eval-share 0 --train none.rfs --eval none-eval.rfs "$in"
#out
# shard-wiki: 40 documents (2 for evaluation), 150 lines (0 cut, 11 empty), 81 sequences, 1400 tokens, 72.0 % full
# kind: sequences
# coding: packed
# max-len: 24
# id-bytes: 2
# vocab-size: 300
# vocab-digest: 000102030405060708090a0b0c0d0e0f
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
# parts: 1
# frames: 1
# records: 3
# tokens: 61
# labels: 0
# provenance: wp-encode 0.1.0
# provenance: shard-wiki 0.1.0 max-len=24 eval-share=0.1 join=false shuffle=false shards=1 seed=1 part=eval
# nothing lost
# same seed, same bytes
# other seed, other bytes
#err
# shard-wiki: no document for evaluation
