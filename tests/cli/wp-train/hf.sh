# the folder that AutoTokenizer loads (tests/golden/wordpiece/auto_tokenizer.py has loaded such ones)
echo 'ab ab' >text
wp-train -q --hf folder text
tail -n +1 folder/[stv]*
wp-train -q --tokenizer-json t.json -o v.txt text
cmp t.json folder/tokenizer.json && cmp v.txt folder/vocab.txt && echo same
echo == other settings, into a folder that is there, and a vocabulary elsewhere too
wp-train -q --lower-case --strip-accents --special-tokens '[UNK],[SEP]' -o v.txt --hf folder/ text
cat folder/tokenizer_config.json folder/special_tokens_map.json
cmp v.txt folder/vocab.txt && ls folder
echo == what fails leaves nothing
wp-train -q --hf v.txt text
wp-train -q --hf none/folder text
wp-train -q --hf new missing
: | wp-train -q --hf new
wp-train -q --hf new --report /dev/full text
wp-train -q --hf new --counts-out c text 2>&1 | head -n 1
ls
#out
# ==> folder/special_tokens_map.json <==
# {
#   "cls_token": "[CLS]",
#   "mask_token": "[MASK]",
#   "pad_token": "[PAD]",
#   "sep_token": "[SEP]",
#   "unk_token": "[UNK]"
# }
#
# ==> folder/tokenizer.json <==
# {
#   "version": "1.0",
#   "truncation": null,
#   "padding": null,
#   "added_tokens": [
#     {"id": 0, "content": "[PAD]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
#     {"id": 1, "content": "[UNK]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
#     {"id": 2, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
#     {"id": 3, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
#     {"id": 4, "content": "[MASK]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}
#   ],
#   "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": false, "lowercase": false},
#   "pre_tokenizer": {"type": "BertPreTokenizer"},
#   "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
#   "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
#   "model": {
#     "type": "WordPiece",
#     "unk_token": "[UNK]",
#     "continuing_subword_prefix": "##",
#     "max_input_chars_per_word": 100,
#     "vocab": {
#       "[PAD]": 0,
#       "[UNK]": 1,
#       "[CLS]": 2,
#       "[SEP]": 3,
#       "[MASK]": 4,
#       "a": 5,
#       "b": 6,
#       "##b": 7,
#       "ab": 8
#     }
#   }
# }
#
# ==> folder/tokenizer_config.json <==
# {
#   "tokenizer_class": "BertTokenizer",
#   "do_lower_case": false,
#   "strip_accents": false,
#   "tokenize_chinese_chars": true,
#   "clean_up_tokenization_spaces": true,
#   "cls_token": "[CLS]",
#   "mask_token": "[MASK]",
#   "pad_token": "[PAD]",
#   "sep_token": "[SEP]",
#   "unk_token": "[UNK]"
# }
#
# ==> folder/vocab.txt <==
# [PAD]
# [UNK]
# [CLS]
# [SEP]
# [MASK]
# a
# b
# ##b
# ab
# same
# == other settings, into a folder that is there, and a vocabulary elsewhere too
# {
#   "tokenizer_class": "BertTokenizer",
#   "do_lower_case": true,
#   "strip_accents": true,
#   "tokenize_chinese_chars": true,
#   "clean_up_tokenization_spaces": true,
#   "cls_token": null,
#   "mask_token": null,
#   "pad_token": null,
#   "sep_token": "[SEP]",
#   "unk_token": "[UNK]"
# }
# {
#   "sep_token": "[SEP]",
#   "unk_token": "[UNK]"
# }
# special_tokens_map.json
# tokenizer.json
# tokenizer_config.json
# vocab.txt
# == what fails leaves nothing
# wp-train: with --counts-out no vocabulary is made: leave out --output, --vocab, --tokenizer-json, --hf, --report
# folder
# t.json
# text
# v.txt
#err
# wp-train: cannot make the folder 'v.txt': Not a directory
# wp-train: cannot make the folder 'none/folder': No such file or directory
# wp-train: cannot open 'missing': No such file or directory
# wp-train: there is no word in the text
# wp-train: cannot write '/dev/full': No space left on device
