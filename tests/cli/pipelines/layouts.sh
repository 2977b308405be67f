# layouts.mk: the same sequences, tokens and updates for each layout; the schedule ends with the tokens
here=${PWD#"$ROOT/"} # make takes no spaces, which may stand in the root's name
head -n 1500 "$CORPUS" >corpus.txt
cat >tiny.yaml <<'END'
model: {dim: 32, depth: 1, heads: 2, chunk: 16, rounds: 2, causal: true}
data: {task: clm}
optim: {lr: 0.001, warmup: 5}
train: {log_every: 5, eval_every: 0, save_every: 0}
END
layouts() {
    make -s -C "$ROOT" -f pipelines/layouts.mk BIN="$BIN" OUT="$here/out" YAML="$here/tiny.yaml" CORPUS="$here/corpus.txt" \
        VOCAB_SIZE=1500 BATCH=512 "$@" 2>err || cat err
}
layouts LENGTHS='64 1024' LAYOUTS='full chunked aligned' SEEDS='1 2' TOKENS=20Ktok >table
sed -E 's/[0-9]+\.[0-9]+/X/g; s/ \| [0-9]+ \| [0-9]+ \| X GB/ | speed | time | X GB/' table
cmp table out/table.md
for run in full-64-1 aligned-64-2 chunked-1024-1; do
    echo $run $(grep -E ' (max_len|full_attn|lsh_layout|batch|steps|seed):' out/$run/step-*/config.yaml)
    shown=$(awk -F ' *[|] *' -v run=$run '$3 "-" $2 "-" $4 == run { print $6, $7 }' table)
    said=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i }
        END { printf "%.4f %.4f", $c["eval_loss"], $c["eval_bits"] }' out/$run/log.tsv)
    [ "$shown" = "$said" ] || echo "$run: the table has '$shown', the log '$said'"
done
cmp <(cut -f 1-14 out/full-64-1/log.tsv) <(cut -f 1-14 out/full-64-2/log.tsv) >/dev/null || echo 'another seed, another run'
[ -s out/loss.svg ] && rm out/loss.svg
layouts LENGTHS=64 SEEDS=1 TOKENS=20Ktok >again
tail -n 2 again | cmp - <(grep -E '^\| 64 \| (chunked|aligned) \| 1 \| ' table) && echo 'what is trained stays'

echo '== refused'
layouts CORPUS=
layouts LAYOUTS='chunked alligned'
layouts LENGTHS=64 TOKENS=30Ktok | sed "s|$here/||"
#out
# | length | layout | seed | tokens | loss | bits per byte | tokens/s | seconds | memory |
# |---|---|---|---|---|---|---|---|---|
# | 64 | full | 1 | 19968 | X | X | speed | time | X GB |
# | 64 | chunked | 1 | 19968 | X | X | speed | time | X GB |
# | 64 | aligned | 1 | 19968 | X | X | speed | time | X GB |
# | 64 | full | 2 | 19968 | X | X | speed | time | X GB |
# | 64 | chunked | 2 | 19968 | X | X | speed | time | X GB |
# | 64 | aligned | 2 | 19968 | X | X | speed | time | X GB |
# | 1024 | full | 1 | 18958 | X | X | speed | time | X GB |
# | 1024 | chunked | 1 | 18958 | X | X | speed | time | X GB |
# | 1024 | aligned | 1 | 18958 | X | X | speed | time | X GB |
# | 1024 | full | 2 | 18958 | X | X | speed | time | X GB |
# | 1024 | chunked | 2 | 18958 | X | X | speed | time | X GB |
# | 1024 | aligned | 2 | 18958 | X | X | speed | time | X GB |
# full-64-1 max_len: 64 lsh_layout: chunked full_attn: true batch: 8 steps: 39 seed: 1
# aligned-64-2 max_len: 64 lsh_layout: aligned full_attn: false batch: 8 steps: 39 seed: 2
# chunked-1024-1 max_len: 1024 lsh_layout: chunked full_attn: false batch: 1 steps: 19 seed: 1
# another seed, another run
# what is trained stays
# == refused
# pipelines/layouts.mk:34: *** give CORPUS=, a text of your own; the sample corpus is too small.  Stop.
# pipelines/layouts.mk:35: *** LAYOUTS: 'alligned' is none of chunked, aligned and full.  Stop.
# pipelines/text.mk:8: *** out was made with 'TOKENS=20Ktok', not with 'TOKENS=30Ktok': give another OUT, or remove this one.  Stop.
