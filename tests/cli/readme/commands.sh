# each command that the README shows, block by block: run in a copy of the tree, or else planned (make -n)
mkdir tree
ln -s "$ROOT"/* tree
rm -f tree/build tree/runs
mkdir -p tree/build/release
ln -s "$BIN" tree/build/release/bin
cp "$CORPUS" tree/bills.txt
cp "$CORPUS" tree/kowiki.txt
cp "$ROOT/pipelines/qa-train.json" tree/KorQuAD_v1.0_dev.json
rm "$PWD/tree/config.mk" 2>/dev/null

# What is not run as it stands: the start of the line, what is done instead, and why.
ways='make -f pipelines/mlm.mk|plan|takes minutes; pipelines/names runs it on less
make -f pipelines/clm.mk|plan|takes minutes; pipelines/clm runs it on less
make check|plan|runs this
make -f pipelines/corpus.mk|plan|needs the network; the cases of corpus run it beside a small server
make -f pipelines/bert-grid.mk|plan|takes an hour
make -f pipelines/duplication.mk|plan|takes minutes
make -f pipelines/layouts.mk|plan|takes half an hour
make -f pipelines/ablate.mk|plan|takes half an hour
make -f pipelines/electra.mk|plan|takes minutes
make -f pipelines/korquad.mk|plan|takes minutes; pipelines/finetune runs it on less
make -f pipelines/korquad-45min.mk|plan|takes 45 minutes and more
make -f pipelines/classify.mk|plan|takes minutes; pipelines/finetune runs it on less
rf-train|short|takes minutes'

# The README's blocks: lines indented by four, as scripts block.1, block.2, ...
awk '/^    / { if (!on) { close(file); file = "block." ++n } on = 1; print substr($0, 5) >file; next } { on = 0 }' "$ROOT/README.md"

for block in block.*; do
    while read -r line; do
        line=${line%%     #*}
        way=$(while IFS='|' read -r start what _; do case $line in "$start"*) echo "$what $start" && break ;; esac; done <<<"$ways")
        echo "${way:-run}" >>used
        case $way in
        plan*) printf 'plan=$(%s)\n[ -n "$plan" ]\n' "${line/make /make -n }" ;;
        short*) echo "$line --train.steps 20 --train.eval_every 20" ;;
        *) echo "$line" ;;
        esac
    done <"$block" >"$block.sh"
    (cd tree && env -u BIN -u CORPUS bash -eu -o pipefail "../$block.sh") >log 2>&1 || { echo "README.md: this fails:" && cat "$block.sh" log; }
done
cut -d ' ' -f 1 used | sort | uniq -c | sed 's/^ *//'
while IFS='|' read -r start _; do grep -qF " $start" used || echo "no line of the README starts with '$start'"; done <<<"$ways"
#out
# 18 plan
# 7 run
# 2 short
