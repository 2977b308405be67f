# found before any work
echo 가 >text
text-filter -o out text none
echo $?
text-filter -o out --not-in none text
echo $?
text-filter .
echo $?
ls
#out
# 1
# 1
# 1
# text
#err
# text-filter: cannot open 'none': No such file or directory
# text-filter: cannot open 'none': No such file or directory
# text-filter: cannot read '.': it is a folder
