wp-train -o vocab.txt "$CORPUS" none
echo $?
ls
