# nothing is expanded: a bomb is refused at its first line, in no memory to speak of
{
    echo '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    for i in 1 2 3 4 5 6 7 8 9; do echo "<!ENTITY lol$i '&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;'>"; done
    echo ']><mediawiki><page><title>&lol9;</title></page></mediawiki>'
} | (ldd "$BIN/wiki-text" | grep -q san || ulimit -v 2000000; wiki-text -j1)
echo $?
#out
# 1
#err
# wiki-text: a declaration (DOCTYPE) in 'standard input', byte 21
