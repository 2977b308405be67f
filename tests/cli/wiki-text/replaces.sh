# a file is replaced whole, or stays
echo old >out
wiki-text -o out none
cp "$CORPUS" text
wiki-text -q -o out text
cat out
wiki-text -o out "$ROOT/tests/golden/wiki/ko.xml" && head -n 1 out
ls
#out
# old
# 달내 마을
# out
# text
#err
# wiki-text: cannot open 'none': No such file or directory
# wiki-text: not a MediaWiki export in 'text', byte 0
