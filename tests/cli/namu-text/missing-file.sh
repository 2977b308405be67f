# found before any work
echo '[]' >a
namu-text -o out a none.json
echo $?
namu-text a .
echo $?
ls
#out
# 1
# 1
# a
#err
# namu-text: cannot open 'none.json': No such file or directory
# namu-text: cannot read '.': it is a folder
