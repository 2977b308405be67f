page() { printf '<page><title>가</title><ns>0</ns><revision><text>%s</text></revision></page>' "$1"; }
page '{{foo|a|b}} {{lang|de|c}}' | wiki-text -k foo=2,lang=0
page '{{foo bar|a|b}} {{baz-x|c|d}}' | wiki-text --keep-template 'Foo_bar=<$*> $$5,baz-*=$L'
page '[[File:x.jpg|thumb|그림 설명]]나' | wiki-text --captions
page '-{zh-hans:甲;zh-hant:乙}-' | wiki-text --variant zh-hant
page '-{zh-hans:甲;zh-hant:乙}-' | wiki-text --variant zh-tw
wiki-text -q --report report.tsv "$ROOT/tests/golden/wiki/ko.xml" >/dev/null
cat report.tsv
