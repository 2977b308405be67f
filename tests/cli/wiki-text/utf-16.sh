# an export in UTF-16 is named, with its byte order mark or without
page='<page><title>A</title><ns>0</ns><revision><text>b</text></revision></page>'
for code in UTF-16LE UTF-16BE UTF-16; do echo "$page" | iconv -f UTF-8 -t $code | wiki-text; done
printf '\377\376' | cat - <(echo "$page" | iconv -f UTF-8 -t UTF-16LE) | wiki-text
printf '\357\273\277%s' "$page" | wiki-text
#out
# A
# b
#
#err
# wiki-text: UTF-16 and not UTF-8 in 'standard input', byte 0
# wiki-text: UTF-16 and not UTF-8 in 'standard input', byte 0
# wiki-text: UTF-16 and not UTF-8 in 'standard input', byte 0
# wiki-text: UTF-16 and not UTF-8 in 'standard input', byte 0
