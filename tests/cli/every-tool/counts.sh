# One of a thing is singular in what the tools say of their work.
one() { "$@" 2>&1 >/dev/null | sed 's/, [0-9.]* s,.*//; s/^[0-9,]* //'; }
printf '가나다라마\n' >corpus.txt
one wp-train -v --size 11 -o vocab.txt corpus.txt
one wp-encode -v -o tokens.rfs corpus.txt
one wp-decode -v tokens.rfs
one shard-wiki -v --max-len 8 -o sequences.rfs tokens.rfs
one mask-tokens -v --rate 0 sequences.rfs
one shard-mix -v -n 1 sequences.rfs
one shard-cat -v sequences.rfs
one split-sentences -v corpus.txt
one text-filter -v --lines corpus.txt
printf '[{"title": "가", "text": "가나다라 마바사.[* 각주]", "namespace": "0"}]' >namu.json
one namu-text -v namu.json
printf '{"document": [{"id": "1", "paragraph": [{"form": "가나다라."}]}]}' >modu.json
one modu-text -v modu.json
one wiki-text -v - <<'X'
<mediawiki><page><title>가</title><ns>0</ns><revision><model>wikitext</model><text>가나다라</text></revision></page></mediawiki>
X
rf-train -v -c "$ROOT/tests/cli/rf-train/tiny.yaml" --data.train sequences.rfs --data.eval sequences.rfs --train.steps 1 2>&1 |
    grep -o '1 step, [0-9]* tokens'
one rf-eval -v sequences.rfs
echo '가[MASK]' | one rf-fill -v
one rf-plot -v run/log.tsv
#out
# wp-train: the special tokens and the alphabet have more than 11 tokens: 14 in all
# wp-train: 1 word (1 distinct), 5 of 5 characters, 14 tokens
# wp-encode: 1 document, 1 sentence, 1 word (0.000 % unknown), 5 tokens
# wp-decode: 1 line, 5 tokens
# shard-wiki: 1 document, 1 line (0 cut, 0 empty), 1 sequence, 7 tokens, 87.5 % full
# mask-tokens: 1 sequence, 7 tokens, 0 labels (0.0 %)
# shard-mix: 1 record, 7 tokens
# shard-cat: 1 record, 7 tokens
# split-sentences: 1 document, 0 titles kept whole, 1 line, 1 sentence
# text-filter: 1 of 1 document, 1 of 1 line
# namu-text: 1 page, 1 note
# modu-text: 1 document, 1 paragraph
# wiki-text: 1 of 1 page written (0 redirects, 0 of other namespaces, 0 of other content, 0 without text), 0 of 0 templates kept
# 1 step, 56 tokens
# rf-eval: 1 set
# rf-fill: 1 line, 1 mask
# rf-plot: 1 log
