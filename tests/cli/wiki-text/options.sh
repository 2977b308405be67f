page() { printf '<page><title>가</title><ns>0</ns><revision><text>%s</text></revision></page>' "$1"; }
page '{{foo|a|b}} {{lang|de|c}}' | wiki-text -k foo=2,lang=0
page '{{foo bar|a|b}} {{baz-x|c|d}}' | wiki-text --keep-template 'Foo_bar=<$*> $$5,baz-*=$L'
page '[[File:x.jpg|thumb|그림 설명]]나' | wiki-text --captions
page '-{zh-hans:甲;zh-hant:乙}-' | wiki-text --variant zh-hant
page '-{zh-hans:甲;zh-hant:乙}-' | wiki-text --variant zh-tw
wiki-text -q --report report.tsv "$ROOT/tests/golden/wiki/ko.xml" >/dev/null
cat report.tsv
#out
# 가
# b
#
# 가
# <a, b> $5 d
#
# 가
# 그림 설명
# 나
#
# 가
# 乙
#
# 가
# 甲
#
# category		1
# comment		1
# file		2
# heading		2
# language		1
# line		0
# page	read	8
# page	written	3
# page	no text	2
# page	not wikitext	1
# page	other namespace	1
# page	redirect	1
# table		1
# tag	ref	2
# tag	gallery	1
# tag	math	1
# template	각주	1
# template	마을 정보	1
# template	본문	1
# template	빈 글	1
# template	소리	1
# template	위키공용분류-줄	1
# template	출처	1
# template kept	formatnum:	2
# template kept	convert	1
# template kept	lang	1
# template kept	llang	1
# template kept	w	1
# template kept	국기나라	1
# template kept	단위 변환	1
# template kept	인용문	1
# template kept	한자	1
# url		1
