# an empty line stands where a page has no title
printf '%s\n' '{"title":"","text":"가다. 나다.\n다다. 라다."}' '{"title":"제목","text":"가다."}' '{"text":"가다. 나다."}' >dump.json
namu-text dump.json
namu-text --jsonl text dump.json
#out
#
# 가다. 나다.
# 다다. 라다.
#
# 제목
# 가다.
#
#
# 가다. 나다.
#
# {"text":"\n가다. 나다.\n다다. 라다."}
# {"text":"제목\n가다."}
# {"text":"\n가다. 나다."}
