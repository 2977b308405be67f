# bench_clm.sh: what is a causal model worth? The loss on held-out text of pipelines/clm.mk's run beside n-gram models
# with modified Kneser-Ney smoothing (KenLM) of the same sequences, all of which they have seen once. YAML chooses the
# run: clm-quick.yaml on the sample corpus, half a minute; clm-hour.yaml on the large text, an hour. RUN is the OUT of
# a run of clm.mk that is there already.
# shellcheck shell=bash
. "$ROOT/tests/bench/lib.sh"

yaml=${YAML:-pipelines/clm-quick.yaml}
name=$(basename "$yaml" .yaml)
out=${RUN:-$WORK/$name}
if [ -z "${RUN:-}" ]; then
    settings=(YAML="$yaml" OUT="$out" BIN="$BIN")
    if [ "$name" = clm-quick ]; then
        rm -rf "$out"
    else # a run of hours that was stopped goes on
        bills
        settings+=(CORPUS="$WORK/bills.txt" VOCAB_SIZE=16000 EVAL_SHARE=2%)
    fi
    (cd "$ROOT" && env -u CORPUS -u MAKEFLAGS make -s -f pipelines/clm.mk "${settings[@]}" "$out/run/done" >&2)
fi
log=$out/run/log.tsv

# eval_last COLUMN: what it holds at the last evaluation.
eval_last() {
    awk -F '\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
        $c["eval_loss"] != "-" { x = $c[want] } END { print x }' "$log"
}

# kenlm_tools: lmplz and query in $kenlm; the source package has what the Python module leaves out.
kenlm=$PEERS/kenlm-0.3.0/build/bin
kenlm_tools() {
    [ -x "$kenlm/query" ] && return
    "$ROOT/tests/deps" cmake g++ libboost-program-options-dev libboost-system-dev libboost-thread-dev libboost-test-dev &&
        {
            "$PEERS/bin/pip" download -q --disable-pip-version-check --no-deps --no-binary kenlm -d "$PEERS" kenlm==0.3.0 &&
                tar -xzf "$PEERS/kenlm-0.3.0.tar.gz" -C "$PEERS" &&
                cmake -S "$PEERS/kenlm-0.3.0" -B "$PEERS/kenlm-0.3.0/build" -DCMAKE_BUILD_TYPE=Release -DCOMPILE_TESTS=OFF &&
                make -C "$PEERS/kenlm-0.3.0/build" -j2 lmplz query
        } >"$PEERS/kenlm.log" 2>&1 && return
    echo "bench: cannot have KenLM: $(tail -n 1 "$PEERS/kenlm.log" 2>/dev/null)" >&2
    return 1
}

loss=$(eval_last eval_loss) bits=$(eval_last eval_bits)
what="$name, $(eval_last tokens) tokens in $(eval_last seconds) s"
row "$what: loss on held-out text" "$loss" nats 'a unigram model, of the log' "$(eval_last unigram_loss)"
if kenlm_tools; then
    "$PYTHON" "$ROOT/tests/bench/peer_ngram.py" --kenlm "$kenlm" --vocab "$out/vocab.txt" --orders 2 3 5 --log "$log" \
        "$out/train.rfs" "$out/eval.rfs" >"$WORK/ngram.tsv"
    while read -r order nats per_byte; do
        [ "$order" = order ] && continue
        row "$what: loss on held-out text" "$loss" nats "KenLM, order $order" "$nats"
        row "$what: bits per byte" "$bits" '' "KenLM, order $order" "$per_byte"
    done <"$WORK/ngram.tsv"
fi
