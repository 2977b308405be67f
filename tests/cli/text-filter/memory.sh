cp "$CORPUS" corpus
{ cat corpus; echo; cat corpus; } >text
{ cat corpus; echo; } >once
text-filter text | cmp - once && echo once
text-filter -m 0 text | cmp - text && echo all
text-filter -q -m 0 text | cmp - text && echo all
text-filter -m 16K --near 0 text | cmp - once && echo once
text-filter -m 1K --not-in corpus text
#out
# once
# all
# all
# once
#err
# text-filter: memory was full: 300 documents and 0 lines could not be remembered
# text-filter: 'corpus' does not fit into 1024 bytes of memory
#exit 1
