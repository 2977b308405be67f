# what an id says holds for its own file
echo '{"id":"NLRW1","document":[]}{"document":[{"metadata":{"title":"t"},"paragraph":[{"form":"a"}]}]}' | modu-text
# a file without text says what it has instead
echo '{"document":[{"id":"X.1","sentence":[{"form":"a"}]}]}' | modu-text
echo $?
echo '{"data":[]}' | modu-text
echo '{"document":[]}{"document":[{"utterance":[{"form":["a"]}]}]}' | modu-text
#out
# t
# a
#
# 1
#err
# modu-text: no text in 'standard input', byte 0: the first document has id, sentence, and no form in a paragraph or utterance
# modu-text: no text in 'standard input', byte 0: the object has data, and no document
# modu-text: no text in 'standard input', byte 15: the first document has utterance, and no form in a paragraph or utterance
#exit 1
