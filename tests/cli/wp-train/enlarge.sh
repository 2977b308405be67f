# a given vocabulary keeps its ids; what the text has besides comes behind
echo 'abc abc abd xy xy' >text
printf '%s\n' '[PAD]' '[UNK]' q '##c' ab '[CLS]' a >given
wp-train -q --size 100 -V given text | paste -sd' '
wp-train -q --size 100 text | wp-train -q --size 100 -V - text | cmp - <(wp-train -q --size 100 text) && echo same
wp-train --size 3 -V given text | paste -sd' '
printf 'a\n\na\n' >given
wp-train -V given text
wp-train -V none text
