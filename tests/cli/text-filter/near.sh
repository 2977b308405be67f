# the second document differs from the first in one line of its body
sed '1,/^$/!d' "$CORPUS" >one
{ cat one; sed '2s/.*/다른 줄./' one; } >text
wc -l <text
text-filter text | cmp - one && echo left out
text-filter --near 0 text | cmp - text && echo kept
text-filter --near 99% text | cmp - text && echo kept
#out
# 30
# left out
# kept
# kept
