# characters that --limit-alphabet cuts out of the words are counted, with their share of the text
echo 'aaaa bbb cc d' >text
wp-train --size 5 --limit-alphabet 2 text
wp-train -q --size 5 --limit-alphabet 2 text | wc -l
wp-train --size 13 --limit-alphabet 4 --min-frequency 1 text | wc -l
#out
# [PAD]
# [UNK]
# [CLS]
# [SEP]
# [MASK]
# a
# b
# ##a
# ##b
# 9
# 13
#err
# wp-train: 2 of 4 characters are past --limit-alphabet: they are 30 % of the text, and are cut out of its words
# wp-train: the special tokens and the alphabet have more than 5 tokens: 9 in all
