# a file is replaced whole, or stays
echo old >out
wiki-text -o out none
cp "$CORPUS" text
wiki-text -q -o out text
cat out
wiki-text -o out "$ROOT/tests/golden/wiki/ko.xml" && head -n 1 out
ls
