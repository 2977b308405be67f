# bits per byte are those of the run's log, for masked and for causal models; without a vocabulary nobody knows the bytes
. "$ROOT/tests/cli/rf-score/model.inc"
rf-train -q -c "$ROOT/tests/cli/rf-train/tiny.yaml" --train.run masked --train.eval_every 0
wp-encode -q corpus.txt | shard-wiki -q --max-len 48 | mask-tokens -q -o masked.rfs
same() { # RUN SET: the last evaluation of the log, with a digit less
    awk -F '\t' -v run="$1" 'FNR == 1 { for (i = 1; i <= NF; i++) c[$i] = i }
        FNR == NR { if (FNR > 1 && $c["eval_bits"] != "-") want = $c["eval_bits"]; next }
        FNR == 2 { got = $7; d = got - want }
        END { print run, (want > 0 && d * d < 1.1e-10 ? "as in training" : got " is not " want) }' "$1/log.tsv" \
        <(rf-eval -m "$1" -V "$1/vocab.txt" "$2")
}
same run eval.rfs
same masked eval.rfs
rf-eval -m masked -V vocab.txt masked.rfs | awk 'NR == 2 { print ($7 > 0) }'
rf-eval eval.rfs | cut -f 1-3,7
tail -n +2 vocab.txt >other.txt
rf-eval -o out -V other.txt eval.rfs
rf-eval -o out -V none.txt eval.rfs
[ ! -e out ]
#out
# run as in training
# masked as in training
# 1
# set	sequences	labels	bits
# eval	3	126	-
#err
# rf-eval: 'other.txt' is not the vocabulary that 'run/step-00000200' was trained with
# rf-eval: cannot open 'none.txt': No such file or directory
