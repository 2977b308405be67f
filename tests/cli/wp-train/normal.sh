printf '%s\n' 'abc abc abc, xbc' 'abc xbc' >text
wp-train --size 18 text
#out
# [PAD]
# [UNK]
# [CLS]
# [SEP]
# [MASK]
# ,
# a
# b
# c
# x
# ##b
# ##c
# ##bc
# abc
# xbc
#err
# wp-train: only 15 tokens: no other pair occurs 2 times
