# without white space, output and input are the same
split-sentences -o out "$CORPUS"
cmp <(tr -d ' \n' <"$CORPUS") <(tr -d ' \n' <out) && echo same
diff "$CORPUS" out | grep '^[<>]'
#out
# same
#exit 1
