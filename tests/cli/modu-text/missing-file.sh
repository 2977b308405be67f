# found before any work
cp "$ROOT/tests/golden/modu/SERW1800009905.json" .
modu-text -o out SERW1800009905.json none.json
echo $?
modu-text SERW1800009905.json .
echo $?
ls
#out
# 1
# 1
# SERW1800009905.json
#err
# modu-text: cannot open 'none.json': No such file or directory
# modu-text: cannot read '.': it is a folder
