# a log that somebody wrote into is not cut in the middle of a row
. "$ROOT/tests/cli/rf-train/data.inc"
steps() { cut -f 1 "$1/log.tsv" | tr '\n' ' '; }
fields() { awk -F '\t' '!/^#/ { print NF }' "$1/log.tsv" | sort -u; }
for edit in '3i # from here on with the new data' '1i # a run' 's/$/\r/' '/^2\t/d'; do
    rm -rf run
    rf-train -q -c tiny.yaml -o run --train.log_every 1 --train.eval_every 0 --train.stop_after 5steps 2>/dev/null
    sed -i "$edit" run/log.tsv
    rf-train -q -c tiny.yaml -o run --train.log_every 1 --train.eval_every 0 --train.steps 8
    steps run
    fields run
    sed -i '/^#/d' run/log.tsv
    rf-plot -q -o run.svg run/log.tsv
done
#out
# step 1 # from here on with the new data 2 3 4 5 6 7 8 8 20
# # a run step 1 2 3 4 5 6 7 8 8 20
# step 1 2 3 4 5 6 7 8 8 20
# step 1 3 4 5 6 7 8 8 20
#err
# rf-train: 'run/log.tsv' was changed since step 5: its rows up to there stay
# rf-train: 'run/log.tsv' was changed since step 5: its rows up to there stay
# rf-train: 'run/log.tsv' was changed since step 5: its rows up to there stay
# rf-train: 'run/log.tsv' is shorter than it was at step 5: rows are missing
