# found before any work
echo 가 >text
split-sentences -o out text none
echo $?
split-sentences .
echo $?
ls
#out
# 1
# 1
# text
#err
# split-sentences: cannot open 'none': No such file or directory
# split-sentences: cannot read '.': it is a folder
