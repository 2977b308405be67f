# the text of JSON lines begins with a title only if --titles says so, and never if an empty line is its first
printf '%s\n' '{"text":"First one here. Second one here."}' '{"text":"하나다. 둘이다."}' '{"text":"하나다. 둘.\n하나다. 둘이다."}' \
    '{"text":"\n하나다. 둘.\n하나다. 둘이다."}' '{"text":" \n\n하나다. 둘.\n\n하나다. 둘이다."}' '{"text":"\n"}' '{"text":"둘이다."}' >lines
split-sentences --jsonl text lines
echo == titles
split-sentences --jsonl text --titles -v lines 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
echo == no titles
split-sentences --jsonl text --no-titles lines | cmp - <(split-sentences --jsonl text lines) && echo the same
#out
# {"text":"First one here.\nSecond one here."}
# {"text":"하나다.\n둘이다."}
# {"text":"하나다.\n둘.\n하나다.\n둘이다."}
# {"text":"\n하나다.\n둘.\n하나다.\n둘이다."}
# {"text":"\n하나다.\n둘.\n하나다.\n둘이다."}
# {"text":""}
# {"text":"둘이다."}
# == titles
# {"text":"\nFirst one here.\nSecond one here."}
# {"text":"\n하나다.\n둘이다."}
# {"text":"하나다. 둘.\n하나다.\n둘이다."}
# {"text":"\n하나다.\n둘.\n하나다.\n둘이다."}
# {"text":"\n하나다.\n둘.\n하나다.\n둘이다."}
# {"text":""}
# {"text":"둘이다."}
# split-sentences: 6 documents, 1 title kept whole, 8 lines, 15 sentences, TIME
# == no titles
# the same
