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
#out
# {"id": 1,  "text" : "제목\n왔다.\n갔다.\n또 \"왔다\".\n갔다\\.", "n":[1.50, {"text": "x"}], "u":"\uac00"}
# {"text":""}
# {"a":"\/", "text": "\u0001\n가\u0000"  }
# {"text":""}
# {"text":"끝", "b":{}}
# {"id": 1,  "text" : "제목\n왔다. 갔다.\n또 \"왔다\". 갔다\\.", "n":[1.50, {"text": "x"}], "u":"\uac00"}
# {"text":""}
# {"a":"\/", "text": "\u0001\n가\u0000"  }
# {"text":""}
# {"text":"끝", "b":{}}
# {"text": "가. 나.\n다. 라.", "id": 7}
# {"text":"�", "x":"\ud800"}
# lines
#err
# split-sentences: two members 'text' in 'standard input', line 2
# split-sentences: no JSON object in 'standard input', line 2
# split-sentences: no JSON object in 'standard input', line 2
# split-sentences: no text member 'text' in 'standard input', line 2
# split-sentences: half of a surrogate pair in member 'text' in 'standard input', line 2
# split-sentences: JSON in 'standard input' ends too early, at byte 11, line 2
# split-sentences: bad JSON in 'standard input', byte 13: something follows the value, line 2
# split-sentences: bad JSON in 'standard input', byte 16: a value was expected, line 2
