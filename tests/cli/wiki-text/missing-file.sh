# found before any work
wiki-text -o out "$ROOT/tests/golden/wiki/ko.xml" none
echo $?
wiki-text .
echo $?
ls
