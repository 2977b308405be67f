printf '가\n나다. \377다.\n' >text
split-sentences -o out text
echo $?
split-sentences --invalid replace text
ls
#out
# 1
# 가
# 나다.
# �다.
# text
#err
# split-sentences: not UTF-8 in 'text', line 2, byte 12 of the text
