# scores and the loss of questions and of classes, by epoch; what a loss is of is said by the columns of the log
. "$ROOT/tests/cli/rf-plot/log.inc"
task() { # COLUMN VALUE COLUMN VALUE...: the log with these columns at evaluations of two sets
    log 40 | awk -F '\t' -v columns="$*" 'BEGIN { OFS = FS; n = split(columns, c, " ") }
        function tail(how, i, s) { for (i = 1; i < n; i += 2) s = s OFS (how ? how == 1 ? c[i] : c[i + 1] : "-"); return s }
        NR == 1 { print $0, "set" tail(1); next }
        $9 == "-" { print $0, "-" tail(0); next }
        { $11 = 0.5; print $0, "one" tail(2); $11 = 0.9; print $0, "two" tail(2) }'
}
mkdir -p qa classes mlm electra
task em 0.25 f1 0.5 >qa/log.tsv
task macro_f1 0.75 >classes/log.tsv
task >mlm/log.tsv
task generator_loss 4 discriminator_loss 0.3 >electra/log.tsv
for run in qa classes mlm electra; do
    for what in score loss; do
        rf-plot --what $what --by epoch -o $run-$what.svg $run/log.tsv && words $run-$what.svg | paste -s -d ,
    done
done
rf-plot -w score -o a.svg qa/log.tsv classes/log.tsv && words a.svg | paste -s -d ,
rf-plot -w loss -o a.svg qa/log.tsv mlm/log.tsv && words a.svg | paste -s -d ,
grep -o '<text> *[0-9.]*</text>' qa-score.svg | tr -dc '0-9. \n' | xargs # both axes
: >empty.tsv
rf-plot -w score -o none.svg empty.tsv
log 5 | rf-plot -w score -o none.svg -
ls none.svg 2>/dev/null
true
#out
# exact match and F1,epoch,exact match,F1
# loss (nats per edge of an answer),epoch,unigram model,training,evaluation
# accuracy and macro F1,epoch,accuracy,macro F1
# loss (nats per example),epoch,unigram model,training,evaluation
# accuracy,epoch,accuracy
# loss (nats per token),epoch,unigram model,training,evaluation
# accuracy of the discriminator,epoch,accuracy
# loss (nats, weighted sum),epoch,unigram model,training,evaluation
# score,step,qa,classes,F1
# loss (nats),step,unigram model,qa,mlm,evaluation
# 0 0.2 0.4 0.6 0.8 1 0 0.05 0.1 0.15 0.2 0.25 0.3 0.35 0.4
#err
# rf-plot: nothing to draw in 'empty.tsv': no value of eval_acc
# rf-plot: nothing to draw in 'standard input': no value of eval_acc
