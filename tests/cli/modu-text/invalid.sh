cp "$ROOT/tests/golden/modu/hostile/bad-utf8.json" .
modu-text -o out bad-utf8.json
echo $?
modu-text -v --invalid replace bad-utf8.json 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
ls
