# the table of README.md is what tests/bench/roofline.sh prints; its lines are as many operations as a plan has
[ -x "$BUILD/tests/bench/roofline" ] || { echo 'tests/bench/roofline is not built' >&2; exit 77; }
cd "$ROOT" || exit
"tests/bench/roofline.sh" "${BUILD#"$ROOT/"}" >"$OLDPWD/table"
cd "$OLDPWD" || exit
sed -n '/^| configuration | card /,/^$/p' "$ROOT/README.md" | sed '/^$/d' | diff - table && echo same
roofline=$BUILD/tests/bench/roofline
# operations grow with the batch as they must, launches do not
for batch in 20 40; do
    "$roofline" a100 1000 "$ROOT/pipelines/mlm.yaml" train.slots=1 train.batch=$batch model.ff_rows=0 >of-$batch
done
for family in products attention head; do
    awk -F ' *[|] *' -v f=$family '$2 == f { n[++k] = $3; x[k] = $5 }
        END { print f, (n[1] == n[2] ? "as many launches" : n[1] " " n[2]), (x[2] / x[1] > 1.9 && x[2] / x[1] < 2.1 ? "twice" : x[1] " " x[2]) }' of-20 of-40
done
"$roofline" v100 1000 "$ROOT/pipelines/mlm.yaml"
"$roofline" rtx6000 1000 "$ROOT/pipelines/mlm.yaml" train.batch=60000 train.slots=1
"$roofline" a100 1000 "$ROOT/pipelines/mlm.yaml" model.width=3
#out
# same
# products as many launches twice
# attention as many launches twice
# head as many launches twice
#err
# roofline: there is no such card
# roofline: it does not fit the card
# roofline: there is no such setting
#exit 1
