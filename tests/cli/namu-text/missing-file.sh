# found before any work
echo '[]' >a
namu-text -o out a none.json
echo $?
namu-text a .
echo $?
ls
