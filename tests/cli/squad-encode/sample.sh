# the sample questions: every answer stands in its place, every context is the corpus's, none is in both files
cd "$ROOT/pipelines" || exit
wp-train -q --size 4000 -o "$OLDPWD/vocab.txt" corpus-ko.txt
for part in train dev; do
    squad-encode -q --strict -V "$OLDPWD/vocab.txt" -o "$OLDPWD/$part.rfs" qa-$part.json
    shard-cat --info "$OLDPWD/$part.rfs" | grep records
    grep -o '"context": "[^"]*\(\\"[^"]*\)*"' qa-$part.json | sed 's/^"context": "//; s/"$//; s/\\"/"/g' >"$OLDPWD/$part"
    sort "$OLDPWD/$part" | uniq -d
    grep -o '"id": "[^"]*"' qa-$part.json | sort | uniq -d
    # a paragraph is some lines of the corpus with spaces between: each must be found as it stands
    while read -r context; do
        grep -qF -- "$context" <(tr '\n' ' ' <corpus-ko.txt) || echo "not in the corpus: $context"
    done <"$OLDPWD/$part"
done
grep -xFf "$OLDPWD/train" "$OLDPWD/dev"
# its labelled sentences
for part in train dev; do
    grep -vcP '^(역사|과학|음식)\t[^\t]+\.$' classes-$part.tsv
    cut -f 1 classes-$part.tsv | sort | uniq -c
done
cut -f 2 classes-*.tsv | sort | uniq -d
#out
# records: 172
# records: 51
# 0
#      82 과학
#      82 역사
#      82 음식
# 0
#      20 과학
#      20 역사
#      20 음식
