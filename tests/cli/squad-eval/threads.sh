# 5,000 questions, some asked twice and some without a prediction: the same bytes on any number of threads.
awk 'BEGIN { printf "{\"data\": ["; for (a = 0; a < 50; a++) {
    printf "%s{\"paragraphs\": [{\"qas\": [", a ? ", " : ""
    for (q = 0; q < 100; q++) { id = (a * 100 + q) % 4900
        printf "%s{\"id\": \"q%d\", \"answers\": [{\"text\": \"세종 %d the 왕\"}, {\"text\": \"%d년\"}]}", q ? ", " : "", id, id, id }
    printf "]}]}" }
    print "]}" }' >gold.json
awk 'BEGIN { printf "{"; for (i = 0; i < 4800; i++) { id = i * 37 % 4800
    text = i % 5 ? (i % 3 ? "세종 " : "A ") i % 7 : "세종 " id " The 왕!"
    printf "%s\"q%d\": \"%s\"", i ? ", " : "", id, text }
    print "}" }' >p.json
for metric in korquad squad; do
    for n in 1 2 3 100; do
        squad-eval -q -j $n --json --metric $metric --per-question each-$n gold.json p.json
        cmp each-1 each-$n
    done
done
wc -l <each-1
# of a broken file the fault that stands first is named
sed 's/"q10": "[^"]*"/"q10": 7/' p.json >bad.json
head -c 100000 gold.json >cut.json
squad-eval cut.json bad.json
squad-eval cut.json p.json
head -c 1000 p.json >cut-p.json
squad-eval cut.json cut-p.json
#out
# {"exact_match": 19.6, "f1": 41.45955044955199}
# {"exact_match": 19.6, "f1": 41.45955044955199}
# {"exact_match": 19.6, "f1": 41.45955044955199}
# {"exact_match": 19.6, "f1": 41.45955044955199}
# {"exact_match": 19.6, "f1": 40.50400000000192}
# {"exact_match": 19.6, "f1": 40.50400000000192}
# {"exact_match": 19.6, "f1": 40.50400000000192}
# {"exact_match": 19.6, "f1": 40.50400000000192}
# 5000
#err
# squad-eval: the prediction for 'q10' is no string in 'bad.json', byte 2835
# squad-eval: JSON in 'cut.json' ends too early, at byte 100000
# squad-eval: JSON in 'cut-p.json' ends too early, at byte 1000
#exit 1
