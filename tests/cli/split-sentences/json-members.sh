# a JSON line stays one line and keeps all but its text, as it was written
printf '%s\n' '{"id": 1,  "text" : "제목\n왔다. 갔다.\n \n\n또 \"왔다\". 갔다\\.", "n":[1.50, {"text": "x"}], "u":"\uac00"}' \
    '' '{"text":""}' '{"a":"\/", "text": "\u0001\n\t \n가\u0000"  }' '{"text":"\n \n"}' '{"text":"끝", "b":{}}' >lines
split-sentences --jsonl text lines
text-filter --jsonl text lines
echo '{"text": "가. 나.\n다. 라.", "id": 7}' | split-sentences --jsonl text --no-titles | text-filter --lines --min-line 3 --jsonl text
for line in '{"text":"a","text":"b"}' '["text"]' '"text"' '{"text":1}' '{"text":"\ud800"}' '{"text":"a"' '{"text":"a"} x' \
    '{"text":"a","x":tru}'; do
    printf '{"text":"a"}\n%s\n' "$line" | split-sentences -o out --jsonl text
done
printf '%s\n' '{"text":"\ud800", "x":"\ud800"}' | split-sentences --jsonl text --invalid replace
ls
