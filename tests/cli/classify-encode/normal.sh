# Fields and JSON lines give one shard; classes are sorted, and another file takes them over.
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' 가 나 다 라 마 >vocab.txt
printf '좋음\t가 나\n나쁨\t다\t라 마\n좋음\t\n' >train.tsv
classify-encode -v train.tsv 2>&1 >train.rfs | sed "s|, [0-9.]* s,.*||"
shard-cat -f jsonl train.rfs
shard-cat --info train.rfs | grep '^kind\|^class\|^max\|^prov'
printf '%s\n' '{"x":[1],"text":"가 나","label":"좋음"}' '{"label":"나쁨","text":"다","pair":"라 마"}' \
    '{"label":"좋음","text":""}' >train.jsonl
classify-encode --jsonl train.jsonl >again.rfs
cmp <(shard-cat train.rfs) <(shard-cat again.rfs)
printf '{"y":1,"s":"마","pair":null}\n' | classify-encode --jsonl --label y --text s --classes <(echo 1) | shard-cat
# the classes of the training data, whichever there are
printf '좋음\t라\n' | classify-encode --classes-of train.rfs | shard-cat --info - | grep ^class
# a sequence that is too long: the longer text loses its end
printf 'x\t가 나 다 라\t마 마\nx\t가\t나 다 라 마\nx\t가 나 다 라 마 가\n' >long.tsv
classify-encode -v -l 6 long.tsv 2>note | shard-cat
sed "s|, [0-9.]* s,.*||" note
#out
# classify-encode: 3 examples (0 cut), 12 tokens, 2 classes
# {"doc":0,"ids":[2,5,6,3],"class":"좋음"}
# {"doc":1,"ids":[2,7,3,8,9,3],"class":"나쁨"}
# {"doc":2,"ids":[2,3],"class":"좋음"}
# kind: classes
# max-len: 128
# class: 나쁨
# class: 좋음
# provenance: classify-encode 0.1.0 max-len=128 jsonl=false label=label text=text pair=pair invalid=refuse lower-case=false strip-accents=false
# 2 9 3	1
# class: 나쁨
# class: 좋음
# 2 5 6 3 9 3	x
# 2 5 3 6 7 3	x
# 2 5 6 7 8 3	x
# classify-encode: 3 examples (3 cut), 18 tokens, 1 class
