printf 't\n가\n나\377\n' >text
text-filter -o out text
echo $?
text-filter --invalid replace text
echo t >good
text-filter -o out --not-in text good
echo $?
ls
#out
# 1
# t
# 가
# 나�
# 1
# good
# text
#err
# text-filter: not UTF-8 in 'text', line 3, byte 9 of the text
# text-filter: not UTF-8 in 'text', line 3, byte 9 of the text
