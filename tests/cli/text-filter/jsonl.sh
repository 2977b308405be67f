printf '%s\n' '{"id": 1, "text": "제목\n가나"}' '{"text": "표제\n가 나"}' '{"text": "제목\n다"}' >text
text-filter --jsonl text text
echo '{"text": "t\n구십백천만억"}' >test
echo '{"text": "t\n나구십백천만나"}' | text-filter --jsonl text --not-in test --window 5 | wc -c
echo '{"title": "가"}' | text-filter --jsonl text
#out
# {"id": 1, "text": "제목\n가나"}
# {"text": "표제\n가 나"}
# {"text": "제목\n다"}
# 0
#err
# text-filter: no text member 'text' in 'standard input', line 1
#exit 1
