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
