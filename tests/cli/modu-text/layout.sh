# what an id says holds for its own file
echo '{"id":"NLRW1","document":[]}{"document":[{"metadata":{"title":"t"},"paragraph":[{"form":"a"}]}]}' | modu-text
# a file without text says what it has instead
echo '{"document":[{"id":"X.1","sentence":[{"form":"a"}]}]}' | modu-text
echo $?
echo '{"data":[]}' | modu-text
echo '{"document":[]}{"document":[{"utterance":[{"form":["a"]}]}]}' | modu-text
