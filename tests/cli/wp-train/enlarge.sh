# a given vocabulary keeps its ids; what the text has besides comes behind
echo 'abc abc abd xy xy' >text
printf '%s\n' '[PAD]' '[UNK]' q '##c' ab '[CLS]' a >given
wp-train -q --size 100 -V given text | paste -sd' '
wp-train -q --size 100 text | wp-train -q --size 100 -V - text | cmp - <(wp-train -q --size 100 text) && echo same
wp-train --size 3 -V given text | paste -sd' '
printf 'a\n\na\n' >given
wp-train -V given text
wp-train -V none text
#out
# [PAD] [UNK] q ##c ab [CLS] a [SEP] [MASK] b c d x y ##b ##d ##y abc xy
# same
# [PAD] [UNK] q ##c ab [CLS] a [SEP] [MASK] b c d x y ##b ##d ##y
#err
# wp-train: the given vocabulary and the alphabet have more than 3 tokens: 17 in all
# wp-train: 'given' has 2 empty, repeated or blank-ended lines
# wp-train: cannot open 'none': No such file or directory
#exit 1
