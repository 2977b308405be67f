# the files that Hugging Face read, with the same ids for each line (tests/golden/wordpiece/check_json.py)
golden=$ROOT/tests/golden/wordpiece
for flags in '' --lower-case --strip-accents '--lower-case --strip-accents'; do
    # shellcheck disable=SC2086
    wp-train -q $flags -V "$golden/hard-vocab.txt" --size 1 --tokenizer-json t.json -o v.txt "$golden/cases.txt"
    cksum <t.json
done | cmp - "$golden/json.sum" && echo same
echo 가 | wp-train -q --special-tokens '[UNK]' --tokenizer-json t.json -o v.txt
grep -A 2 'processor\|"vocab"\|"id"' t.json
#out
# same
#     {"id": 0, "content": "[UNK]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}
#   ],
#   "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": false, "lowercase": false},
# --
#   "post_processor": null,
#   "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
#   "model": {
# --
#     "vocab": {
#       "[UNK]": 0,
#       "가": 1
