printf '<mediawiki><page><title>a</title><ns>0</ns><revision><text>b \377c</text></revision></page></mediawiki>' >dump
wiki-text -o out dump
echo $?
wiki-text --invalid replace dump
printf '<page><title>a&#0;</title><ns>0</ns><revision><text>b&#xD800;c</text></revision></page>' | wiki-text
ls
