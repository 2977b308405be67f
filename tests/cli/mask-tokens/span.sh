# Spans of up to four tokens, never across [SEP] (3)
shard-wiki -l 24 "$ROOT/tests/golden/shard/good/0019-forty-documents.rfs" >seq.rfs
mask-tokens --span 4 --rate 30% --mask-part 1 --random-part 0 seq.rfs | shard-cat -n 5
mask-tokens --span 4 seq.rfs | shard-cat --info | tail -n 1
