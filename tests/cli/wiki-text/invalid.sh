printf '<mediawiki><page><title>a</title><ns>0</ns><revision><text>b \377c</text></revision></page></mediawiki>' >dump
wiki-text -o out dump
echo $?
wiki-text --invalid replace dump
printf '<page><title>a&#0;</title><ns>0</ns><revision><text>b&#xD800;c</text></revision></page>' | wiki-text
ls
#out
# 1
# a
# b �c
#
# a�
# b�c
#
# dump
#err
# wiki-text: not UTF-8 in 'dump', byte 61
# wiki-text: 1 U+FFFD put in for what is no text
# wiki-text: 2 U+FFFD put in for what is no text
