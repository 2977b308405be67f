# found before any work
wiki-text -o out "$ROOT/tests/golden/wiki/ko.xml" none
echo $?
wiki-text .
echo $?
ls
#out
# 1
# 1
#err
# wiki-text: cannot open 'none': No such file or directory
# wiki-text: cannot read '.': it is a folder
