# an export that stops early is an error; nothing is left under the output's name
xml=$ROOT/tests/golden/wiki/ko.xml
size=$(stat -c %s "$xml")
head -c $((size - 20)) "$xml" >cut.xml
wiki-text cut.xml | tail -n 3
wiki-text -o out cut.xml
echo $?
head -c 3000 "$xml" | wiki-text
echo $?
bzip2 -c "$xml" | head -c 1000 >cut.bz2
wiki-text cut.bz2
echo $?
ls
