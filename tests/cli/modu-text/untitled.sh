# an empty line stands where a document has no title, and the tools behind keep it
cat >untitled.json <<'END'
{"id":"X1","document":[{"id":"X1.1","metadata":{"title":"NA"},"paragraph":[{"form":"첫 문장이다. 둘째 문장이다. 셋째 문장이다."},{"form":"넷째다. 다섯째다."}]},
{"id":"X1.2","metadata":{"title":"제목이다. 그렇다."},"paragraph":[{"form":"하나다. 둘이다."}]},
{"id":"X1.3","paragraph":[{"form":"하나다. 둘이다. 셋이다."},{"form":"첫 문장이다. 둘째 문장이다."}]}]}
END
modu-text untitled.json | tee text
echo == sentences
split-sentences text | text-filter --near 0 | tee sentences
echo == JSON
modu-text --jsonl text untitled.json
modu-text --jsonl text untitled.json | split-sentences --jsonl text --titles | text-filter --jsonl text --titles --near 0
echo == an encoder sees the same documents
printf '%s\n' '[PAD]' '[UNK]' 다 >vocab.txt
wp-encode --no-provenance text >one
sed 1d text | cat -s | wp-encode --no-provenance | cmp - one && echo the same
#out
#
# 첫 문장이다. 둘째 문장이다. 셋째 문장이다.
# 넷째다. 다섯째다.
#
# 제목이다. 그렇다.
# 하나다. 둘이다.
#
#
# 하나다. 둘이다. 셋이다.
# 첫 문장이다. 둘째 문장이다.
#
# == sentences
#
# 첫 문장이다.
# 둘째 문장이다.
# 셋째 문장이다.
# 넷째다.
# 다섯째다.
#
# 제목이다. 그렇다.
# 하나다.
# 둘이다.
#
#
# 하나다.
# 둘이다.
# 셋이다.
# 첫 문장이다.
# 둘째 문장이다.
#
# == JSON
# {"text":"\n첫 문장이다. 둘째 문장이다. 셋째 문장이다.\n넷째다. 다섯째다."}
# {"text":"제목이다. 그렇다.\n하나다. 둘이다."}
# {"text":"\n하나다. 둘이다. 셋이다.\n첫 문장이다. 둘째 문장이다."}
# {"text":"\n첫 문장이다.\n둘째 문장이다.\n셋째 문장이다.\n넷째다.\n다섯째다."}
# {"text":"제목이다. 그렇다.\n하나다.\n둘이다."}
# {"text":"\n하나다.\n둘이다.\n셋이다.\n첫 문장이다.\n둘째 문장이다."}
# == an encoder sees the same documents
# the same
