# the samples beside what people say they hold; where sentences end is split-sentences' business
for f in "$ROOT"/tests/golden/modu/*.json; do
    cmp <(modu-text "$f" | tr -d ' \n') <(tr -d ' \n' <"${f%.json}.txt") && echo same
done
#out
# same
# same
# same
# same
# same
# same
# same
