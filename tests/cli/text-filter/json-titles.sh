# the text of JSON lines begins with a title only if --titles says so, and never if an empty line is its first
long='The same long text about the river and the hill.'
printf '{"text":"%s","id":%d}\n' "$long" 1 "$long" 2 "Title\n$long" 3 "Heading\n$long" 4 "\n$long\nEnd." 5 "\r\n$long\nEnd." 6 "\n" 7 " \n$long\nend." 8 >lines
text-filter --jsonl text lines
echo == titles
text-filter --jsonl text --titles -v lines 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
echo == lines
text-filter --jsonl text --lines --dup-lines lines
#out
# {"text":"The same long text about the river and the hill.","id":1}
# {"text":"Heading\nThe same long text about the river and the hill.","id":4}
# {"text":"","id":7}
# == titles
# {"text":"The same long text about the river and the hill.","id":1}
# {"text":"","id":7}
# text-filter: 1 of 7 documents (3 duplicate, 3 near-duplicate), 1 of 10 lines (9 with-document), 2 titles not compared, TIME
# == lines
# {"text":"The same long text about the river and the hill.","id":1}
# {"text":"","id":2}
# {"text":"Title","id":3}
# {"text":"Heading","id":4}
# {"text":"\nEnd.","id":5}
# {"text":"","id":6}
# {"text":"","id":7}
# {"text":"\nend.","id":8}
