# each document of the text is left out for sharing a line or a window, and no other
sed -n '/./!q;p' "$CORPUS" >test
text-filter --not-in test --report report -o out "$CORPUS"
grep '	overlap' report
grep -cFf <(sed 1d test) out
text-filter --not-in test --overlap line "$CORPUS" | grep -cFf <(sed 1d test)
text-filter --not-in test test | wc -c
text-filter --not-in test --window 1000 test | wc -c
#out
# documents	overlap	1
# lines	overlap	0
# 0
# 0
# 0
# 1389
