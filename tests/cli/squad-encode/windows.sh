. "$ROOT/tests/cli/squad-encode/small.inc"
squad-encode -q qa.json | shard-cat -V vocab.txt
# the labels hold the answer of d and more
squad-encode -v -o /dev/null qa.json 2>&1 | sed 's/, [0-9.]* s, .*//'
# windows overlap; the answer of c is whole in the first alone, that of b in both
squad-encode -q --max-len 13 --max-query 4 --doc-stride 3 qa.json | shard-cat -V vocab.txt -f jsonl
squad-encode -v --max-len 13 --max-query 4 --doc-stride 3 -o /dev/null qa.json 2>&1 | sed 's/, [0-9.]* s, .*//'
# a whole article; starts move with what stands before
squad-encode -q --join-paragraphs qa.json | shard-cat -V vocab.txt
squad-encode -q --join-paragraphs qa.json | shard-cat --info
squad-encode -q <qa.json | cmp - <(squad-encode -q qa.json) && squad-encode -q qa.json qa.json | shard-cat -f jsonl | cut -d , -f 1 | tr '\n' ' '
echo
#out
# [CLS] 누가 글자 ##를 만들 ##었다 ? [SEP] 1443 ##년 ##에 세종 ##은 글자 ##를 만들 ##었다 . [SEP]	8-17	11-11
# [CLS] 무엇 ##을 만들 ##었다 ? [SEP] 1443 ##년 ##에 세종 ##은 글자 ##를 만들 ##었다 . [SEP]	7-16	12-12
# [CLS] ? [SEP] 1443 ##년 ##에 세종 ##은 글자 ##를 만들 ##었다 . [SEP]	3-12	3-5
# [CLS] 누가 ? [SEP] 세종 ##이 글자 ##를 만들 ##었다 . [SEP]	4-10	4-4
# squad-encode: the labels as predictions: exact match 75.00, F1 91.67 (korquad)
# squad-encode: 4 questions, 4 windows (4 with the answer), 63 tokens
# {"doc":0,"ids":["[CLS]","누가","글자","##를","만들","[SEP]","1443","##년","##에","세종","##은","글자","[SEP]"],"passage":[6,11],"answer":[9,9]}
# {"doc":0,"ids":["[CLS]","누가","글자","##를","만들","[SEP]","세종","##은","글자","##를","만들","##었다","[SEP]"],"passage":[6,11],"answer":[6,6]}
# {"doc":0,"ids":["[CLS]","누가","글자","##를","만들","[SEP]","##를","만들","##었다",".","[SEP]"],"passage":[6,9],"answer":[0,0]}
# {"doc":1,"ids":["[CLS]","무엇","##을","만들","##었다","[SEP]","1443","##년","##에","세종","##은","글자","[SEP]"],"passage":[6,11],"answer":[11,11]}
# {"doc":1,"ids":["[CLS]","무엇","##을","만들","##었다","[SEP]","세종","##은","글자","##를","만들","##었다","[SEP]"],"passage":[6,11],"answer":[8,8]}
# {"doc":1,"ids":["[CLS]","무엇","##을","만들","##었다","[SEP]","##를","만들","##었다",".","[SEP]"],"passage":[6,9],"answer":[0,0]}
# {"doc":2,"ids":["[CLS]","?","[SEP]","1443","##년","##에","세종","##은","글자","##를","만들","##었다","[SEP]"],"passage":[3,11],"answer":[3,5]}
# {"doc":2,"ids":["[CLS]","?","[SEP]","세종","##은","글자","##를","만들","##었다",".","[SEP]"],"passage":[3,9],"answer":[0,0]}
# {"doc":3,"ids":["[CLS]","누가","?","[SEP]","세종","##이","글자","##를","만들","##었다",".","[SEP]"],"passage":[4,10],"answer":[4,4]}
# squad-encode: questions cut: 2
# squad-encode: the labels as predictions: exact match 75.00, F1 91.67 (korquad)
# squad-encode: 4 questions, 9 windows (6 with the answer), 110 tokens
# [CLS] 누가 글자 ##를 만들 ##었다 ? [SEP] 1443 ##년 ##에 세종 ##은 글자 ##를 만들 ##었다 . 세종 ##이 글자 ##를 만들 ##었다 . [SEP]	8-24	11-11
# [CLS] 무엇 ##을 만들 ##었다 ? [SEP] 1443 ##년 ##에 세종 ##은 글자 ##를 만들 ##었다 . 세종 ##이 글자 ##를 만들 ##었다 . [SEP]	7-23	12-12
# [CLS] ? [SEP] 1443 ##년 ##에 세종 ##은 글자 ##를 만들 ##었다 . 세종 ##이 글자 ##를 만들 ##었다 . [SEP]	3-19	3-5
# [CLS] 누가 ? [SEP] 1443 ##년 ##에 세종 ##은 글자 ##를 만들 ##었다 . 세종 ##이 글자 ##를 만들 ##었다 . [SEP]	4-20	14-14
# kind: qa
# coding: packed
# max-len: 512
# id-bytes: 2
# vocab-size: 20
# vocab-digest: a047710a137ea899ed5029b655cc662d
# special: [PAD] 0 [UNK] 1 [CLS] 2 [SEP] 3 [MASK] 4
# parts: 1
# frames: 1
# records: 4
# tokens: 94
# labels: 8
# provenance: squad-encode 0.1.0 max-len=512 doc-stride=128 max-query=64 join-paragraphs=true lower-case=false strip-accents=false strict=false
# {"doc":0 {"doc":1 {"doc":2 {"doc":3 {"doc":4 {"doc":5 {"doc":6 {"doc":7 
