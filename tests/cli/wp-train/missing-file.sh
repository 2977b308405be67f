wp-train -o vocab.txt "$CORPUS" none
echo $?
ls
#out
# 1
#err
# wp-train: cannot open 'none': No such file or directory
