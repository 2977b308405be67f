# a page past the limit; a tag without end
{
    printf '<mediawiki><page><title>a</title><revision><text>'
    head -c 100000 /dev/zero | tr '\0' x
    printf '</text></revision></page></mediawiki>'
} >dump
wiki-text --max-page 64K dump
echo $?
wiki-text dump | wc -c
(printf '<mediawiki><page a="'; head -c 30000000 /dev/zero | tr '\0' '<') | wiki-text
echo $?
#out
# 1
# 100004
# 1
#err
# wiki-text: a page in 'dump', byte 11, is larger than 65536 bytes
# wiki-text: a page in 'standard input', byte 11, is larger than 16777216 bytes
