printf '{"title":"가","text":"나"}\n{"title":"다","text":' | wiki-text --cirrus
echo $?
printf '{"title":"가"}\n' | wiki-text --cirrus
echo $?
printf '\n[1]\n' | wiki-text --cirrus
echo $?
printf '{"title":"가","text":"\377"}\n' | wiki-text --cirrus
echo $?
printf '{"title":"가","text":"\377"}\n' | wiki-text -q --cirrus --invalid replace
printf '{"title":"가","text":"%s"}\n' "$(head -c 2000 /dev/zero | tr '\0' x)" | wiki-text --cirrus --max-page 1K
echo $?
#out
# 가
# 나
#
# 1
# 1
# 1
# 1
# 가
# �
#
# 1
#err
# wiki-text: JSON in 'standard input' ends too early, at byte 51
# wiki-text: a page without a title or text in 'standard input', byte 0
# wiki-text: not a JSON object in 'standard input', byte 1
# wiki-text: not UTF-8 in 'standard input', byte 23
# wiki-text: a page in 'standard input', byte 0, is larger than 1024 bytes
