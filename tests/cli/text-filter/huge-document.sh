# a text without blank lines
# slow
yes 가나다라마바사아자차카타파하 | head -n 1700000 >text
text-filter -o out text
echo $?
text-filter --lines --no-dup-docs --near 0 text | cmp - text && echo same
ls
#out
# 1
# same
# text
#err
# text-filter: document of over 64 MiB in 'text', line 1597831: no blank lines?
