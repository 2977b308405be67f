cp "$CORPUS" corpus
{ cat corpus; echo; cat corpus; } >text
{ cat corpus; echo; } >once
text-filter text | cmp - once && echo once
text-filter -m 0 text | cmp - text && echo all
text-filter -q -m 0 text | cmp - text && echo all
text-filter -m 16K --near 0 text | cmp - once && echo once
text-filter -m 1K --not-in corpus text
