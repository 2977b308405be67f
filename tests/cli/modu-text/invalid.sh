cp "$ROOT/tests/golden/modu/hostile/bad-utf8.json" .
modu-text -o out bad-utf8.json
echo $?
modu-text -v --invalid replace bad-utf8.json 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
ls
#out
# 1
# 가
# ��문이다.
#
# modu-text: 1 document, 1 paragraph, 2 bad bytes, TIME
# bad-utf8.json
#err
# modu-text: not UTF-8 in 'bad-utf8.json', byte 136
