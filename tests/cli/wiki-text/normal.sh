# an article of every construct; talk, redirect, style sheet, empty and deleted pages are left out
wiki-text -v "$ROOT/tests/golden/wiki/ko.xml" 2>err
sed 's/, [0-9.]* s, .*/, TIME/' err
