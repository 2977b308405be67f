printf 't\n가\n나\377\n' >text
text-filter -o out text
echo $?
text-filter --invalid replace text
echo t >good
text-filter -o out --not-in text good
echo $?
ls
