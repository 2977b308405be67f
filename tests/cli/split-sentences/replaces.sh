# a file is replaced whole, or stays
echo old >out
split-sentences -o out "$CORPUS" none
cat out
split-sentences -o out "$CORPUS" && head -n 1 out
ls
#out
# old
# 훈민정음
# out
#err
# split-sentences: cannot open 'none': No such file or directory
