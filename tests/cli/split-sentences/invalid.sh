printf '가\n나다. \377다.\n' >text
split-sentences -o out text
echo $?
split-sentences --invalid replace text
ls
