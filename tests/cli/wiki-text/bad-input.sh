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
