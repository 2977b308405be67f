# --needs tells without data or a step what --dry-run tells with them, but for the memory of the data
. "$ROOT/tests/cli/rf-train/data.inc"
vocabulary=$(wc -l <vocab.txt)
rf-train -c tiny.yaml --dry-run --model.max_len 64 | sed '/^least_step_seconds/,$d; /^data/d; /^memory/d' >trial
mkdir empty && cd empty
rf-train -c ../tiny.yaml --needs "$vocabulary" --model.max_len 64 >needs
grep -v '^data\|^memory' needs | cmp ../trial && awk -F ': ' '
    /^(weights|gradients|optimiser|batch|scratch|data): / { sum += $2 }
    /^memory: / { print sum == $2 ? "adds up" : "does not add up" }' needs
rf-train -c ../tiny.yaml --needs "$vocabulary" --model.max_len 0
ls
#out
# adds up
# needs
#err
# rf-train: without data model.max_len has to say how long sequences are
