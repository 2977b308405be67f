printf '%s\n' '{"id": 1, "text": "제목\n왔다. 갔다."}' '{"text": "하나다. 둘이다."}' >text
split-sentences --jsonl text text
split-sentences --jsonl text --no-titles text
echo '{"title": "가"}' | split-sentences --jsonl text
