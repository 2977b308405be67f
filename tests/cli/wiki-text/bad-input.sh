# one line with file and byte; what was whole before it is written
head='<mediawiki><page><title>가</title><ns>0</ns><revision><text>나</text></revision></page>'
for bad in '<!DOCTYPE x [<!ENTITY a "aaaa">]>' '<page><title>b</page>' 'text' '<page></page></mediawiki>' '< >'; do
    printf '%s%s' "$head" "$bad" >dump
    wiki-text dump
    echo $?
done
echo 'no dump' | wiki-text
echo $?
wiki-text /dev/null
echo $?
#out
# 가
# 나
#
# 1
# 가
# 나
#
# 1
# 가
# 나
#
# 1
# 가
# 나
#
# 1
# 가
# 나
#
# 1
# 1
# 1
#err
# wiki-text: a declaration (DOCTYPE) in 'dump', byte 89
# wiki-text: a closing tag that nothing opened in 'dump', byte 103
# wiki-text: text between the pages in 'dump', byte 89
# wiki-text: a page without a title in 'dump', byte 89
# wiki-text: a tag without a name in 'dump', byte 89
# wiki-text: not a MediaWiki export in 'standard input', byte 0
# wiki-text: not a MediaWiki export in '/dev/null', byte 0
