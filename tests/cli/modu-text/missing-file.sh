# found before any work
cp "$ROOT/tests/golden/modu/SERW1800009905.json" .
modu-text -o out SERW1800009905.json none.json
echo $?
modu-text SERW1800009905.json .
echo $?
ls
