# found before any work
echo 가 >text
split-sentences -o out text none
echo $?
split-sentences .
echo $?
ls
