# the scores of the official evaluators, to the last digit, on hostile answers
cd "$ROOT/tests/golden/squad" || exit
while read -r kind metric scores; do
    squad-eval -q --json --metric "$metric" gold.json "$kind.json" >"$OLDPWD/got"
    echo "$scores" | cmp - "$OLDPWD/got" && echo "$kind $metric"
done <scores.txt
#out
# korean korquad
# korean squad
# space korquad
# space squad
# marks korquad
# marks squad
# case korquad
# case squad
# articles korquad
# articles squad
# all korquad
# all squad
