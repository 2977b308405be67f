# what the README says of the memory of a GPU is what make cards prints today; three rows of it
"$ROOT/tests/bench/cards.sh" "${BUILD#"$ROOT/"}" mlm clm-medium electra-small >rows
while read -r row; do
    grep -qxF "$row" "$ROOT/README.md" || echo "not in README.md: $row"
done <rows
wc -l <rows
#out
# 6
