printf '%s\n' '{"id": 1, "text": "제목\n왔다. 갔다."}' '{"text": "하나다. 둘이다."}' >text
split-sentences --jsonl text text
split-sentences --jsonl text --no-titles text
echo '{"title": "가"}' | split-sentences --jsonl text
#out
# {"id": 1, "text": "제목\n왔다.\n갔다."}
# {"text": "하나다.\n둘이다."}
# {"id": 1, "text": "제목\n왔다.\n갔다."}
# {"text": "하나다.\n둘이다."}
#err
# split-sentences: no text member 'text' in 'standard input', line 1
#exit 1
