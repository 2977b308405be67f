# the folder of a run, its log, and what is said on the way
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -c tiny.yaml 2>&1 | sed -E 's/^(rf-train:   (masked|model |text  )  ).*/\1.../' | blur
rf-train -q -v -o quiet -c tiny.yaml
ls run run/step-00000040
cmp vocab.txt run/vocab.txt
head -n 1 run/log.tsv
cut -f 1 run/log.tsv | tr '\n' ' '
awk -F '\t' 'NF != 20 { print "fields", NF } NR > 1 && $6 != "-" && ($6 / exp($5) > 1.001 || $6 / exp($5) < 0.999) { print "ppl", $0 }
    END { print ($5 == "-" && $4 == "eval" && $10 < 9 && $14 > 4 && $12 < $10 / log(2)) ? "ends on an evaluation" : $0 }' run/log.tsv
rf-train -v -c tiny.yaml 2>&1 | sed 's/tokens, .*/tokens, .../; s/[0-9.]* MB, kernels.*/X MB/'
