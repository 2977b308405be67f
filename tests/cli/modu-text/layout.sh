# a file without text says what it has instead
echo '{"document":[{"id":"X.1","sentence":[{"form":"a"}]}]}' | modu-text
echo $?
echo '{"data":[]}' | modu-text
echo '{"document":[]}{"document":[{"utterance":[{"form":["a"]}]}]}' | modu-text
