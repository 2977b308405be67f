# an only line is no title; behind a second blank line a document has none, and what is written says so too
printf '왔다. 갔다.\n\n제목이다. 끝.\n왔다. 갔다.\n\n\n왔다. 갔다.\n또 왔다.\n' >text
split-sentences -v text 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
split-sentences text >once
split-sentences once | cmp - once && echo the same again
echo == at the start
printf '\nOne is here. Two is here.\nE f. G h.\n' | split-sentences
echo == cut
for n in 9 16 25; do printf 'One is here. Two is here.\nE f.\n' | head -n 1 | head -c "$n" | split-sentences; done
#out
#
# 왔다.
# 갔다.
#
# 제목이다. 끝.
# 왔다.
# 갔다.
#
#
# 왔다.
# 갔다.
# 또 왔다.
# split-sentences: 3 documents, 1 title kept whole, 4 lines, 7 sentences, TIME
# the same again
# == at the start
#
# One is here.
# Two is here.
# E f.
# G h.
# == cut
# One is he
#
# One is here.
# Two
#
# One is here.
# Two is here.
