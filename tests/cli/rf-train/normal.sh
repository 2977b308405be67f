# the folder of a run, its log, and what is said on the way
. "$ROOT/tests/cli/rf-train/data.inc"
rf-train -c tiny.yaml 2>&1 | sed -E 's/^(rf-train:   (masked|model |text  )  ).*/\1.../' | blur
rf-train -q -v -o quiet -c tiny.yaml
ls run run/step-00000040
cmp vocab.txt run/vocab.txt
head -n 1 run/log.tsv
cut -f 1 run/log.tsv | tr '\n' ' '
awk -F '\t' 'NF != 14 { print "fields", NF } NR > 1 && $5 != "-" && ($5 / exp($4) > 1.001 || $5 / exp($4) < 0.999) { print "ppl", $0 }
    END { print ($4 == "-" && $9 < 9 && $12 > 4) ? "ends on an evaluation" : $0 }' run/log.tsv
rf-train -v -c tiny.yaml 2>&1 | sed 's/eval.*/.../; s/loss nan, .*/.../; s/[0-9.]* MB$/X MB/'
