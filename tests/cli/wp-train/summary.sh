wp-train -v --size 2500 --limit-alphabet 500 "$CORPUS" 2>log | wc -l
sed 's/, [0-9.]* s, .*/, TIME/' log
wp-train --size 100 "$CORPUS" | wc -l
#out
# 2500
# wp-train: 796 of 1296 characters are past --limit-alphabet: they are 4.897 % of the text, and are cut out of its words
# wp-train: 22753 words (11291 distinct), 500 of 1296 characters, 2500 tokens, TIME
# 2175
#err
# wp-train: the special tokens and the alphabet have more than 100 tokens: 2175 in all
