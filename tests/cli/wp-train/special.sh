# the first tokens: chosen, and room for later ones
echo 'ab ab' >text
wp-train -q --size 9 --special-tokens '[UNK],<s>,</s>' --unused 2 text | paste -sd' '
wp-train --size 9 --special-tokens '[PAD],[CLS]' text 2>&1 | head -n 1
wp-train --size 9 --special-tokens '[UNK],' text 2>&1 | head -n 1
wp-train --size 9 --special-tokens '[UNK],[UNK]' text 2>&1 | head -n 1
wp-train --size 9 --special-tokens '[UNK],a b' text 2>&1 | head -n 1
#out
# [UNK] <s> </s> [unused0] [unused1] a b ##b ab
# wp-train: [UNK] must be among the special tokens
# wp-train: a special token is empty, holds white space or is not UTF-8
# wp-train: special token '[UNK]' stands twice
# wp-train: a special token is empty, holds white space or is not UTF-8
