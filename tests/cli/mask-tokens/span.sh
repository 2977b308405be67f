# Spans of up to four tokens, never across [SEP] (3)
shard-wiki -l 24 "$ROOT/tests/golden/shard/good/0019-forty-documents.rfs" >seq.rfs
mask-tokens --span 4 --rate 30% --mask-part 1 --random-part 0 seq.rfs | shard-cat -n 5
mask-tokens --span 4 seq.rfs | shard-cat --info | tail -n 1
#out
# 2 12 4 4 15 16 3	2:13 3:14
# 2 19 20 21 22 23 24 25 26 4 4 3 4 23 4 25 3	9:27 10:28 12:22 14:24
# 2 26 27 28 29 30 31 32 33 4 4 36 37 4 4 4 3	9:34 10:35 13:38 14:39 15:40
# 2 29 30 31 32 33 34 35 4 4 3 4 4 34 3	8:36 9:37 11:32 12:33
# 2 33 34 35 3 36 37 38 39 40 41 42 43 44 4 4 4 4 4 3	14:45 15:46 16:47 17:48 18:49
# provenance: mask-tokens 0.1.0 rate=0.15 mask-part=0.8 random-part=0.1 electra=false whole-word=false span=4 seed=1 epoch=0
