# bench_sample.sh: speed of writing: rf-sample, with random weights of the shape of GPT-2 small (12 layers of
# width 768, 12 heads, 22,000 tokens, up to 5,120 positions), beside other programs with random weights of that
# shape: reformer-pytorch and Hugging Face's Reformer, whose attention is as ours; GPT-2 in transformers and in
# llama.cpp, which attend to every token. Each token needs all weights once, so what memory can be read at bounds
# the tokens of a second: "of the read rate" is bytes of weights x tokens/s / that.
# AGAINST="hf-reformer gpt2 llama.cpp" chooses peers, TYPES="fp32 int8" the types of weights, LENGTHS="512 2048" the tokens
# of the prompts.
# shellcheck shell=bash
. "$ROOT/tests/bench/train.sh"

threads=$(nproc)
lengths=${LENGTHS:-512 2048 4900}
longest=${lengths##* }
more=128
runs=2
run=$WORK/sample-run
declare -A ours

# The checkpoint: one step on short sequences.
checkpoint() {
    shards 128
    [ -d "$run/step-00000001" ] && return
    rm -rf "$run"
    rf-train -q --train.run "$run" --train.steps 1 --train.batch 1 --train.eval_every 0 --train.save_every 0 --data.eval '' \
        --data.vocab '' --data.task clm --data.train "$WORK/train-128.rfs" --optim.name adafactor --model.causal \
        --model.lsh_layout aligned --model.dim 768 --model.depth 12 --model.heads 12 --model.max_len 5120
}

# prompt TOKENS: a line of so many tokens with the [CLS] before them: words of the vocabulary, drawn.
prompt() {
    awk -v n="$1" 'BEGIN { srand(1) } /^[가-힣][가-힣]+$/ { word[k++] = $0 }
        END { for (i = 1; i < n; i++) printf "%s%s", word[int(k * rand())], i < n - 1 ? " " : "\n" }' "$WORK/train.vocab"
}

# write_on PROMPT TOKENS [ARG...]: what it drew goes to $WORK/sample.json.
write_on() {
    rf-sample -q -j "$threads" -m "$run" -V "$WORK/train.vocab" --json -n "$2" "${weights[@]}" "${@:3}" \
        <"$WORK/prompt-$1.txt" >"$WORK/sample.json"
}

# drawn: tokens that it drew, less one of each sample.
drawn() { sed 's/.*"tokens":\([0-9]*\).*/\1/' "$WORK/sample.json" | awk '{ n += $1 - 1 } END { print n }'; }

# speed PROMPT NAME ARG...: sets ours[NAME] to the tokens/s that follow the first, and `first` to the seconds until it.
speed() {
    local all
    first=$(best "$runs" write_on "$1" 1 "${@:3}")
    all=$(best "$runs" write_on "$1" $((more + 1)) "${@:3}")
    ours[$2]=$(awk "BEGIN { s = $all - $first; printf \"%.3g\", (s > 0 ? $(drawn) / s : 0) }")
}

# measure TYPE: rows of ours, kept in ours[] for those of the peers.
measure() {
    local type=$1 n bytes
    case $type in fp32) bytes=4 ;; bf16) bytes=2 ;; int8) bytes=1 ;; esac
    ours[start-$type]=$(best 5 write_on 8 1)
    row "start, $type" "${ours[start-$type]}" s
    for n in $lengths; do
        speed "$n" "rate-$n-$type"
        ours[prefill-$n-$type]=$(awk "BEGIN { printf \"%.2f\", $first - ${ours[start-$type]} }")
        row "prompt of $n tokens, $type" "${ours[prefill-$n-$type]}" s
        row "writing after $n tokens, $type" "${ours[rate-$n-$type]}" tokens/s
        row "its weights, of the read rate" \
            "$(awk "BEGIN { printf \"%.0f\", 100 * $parameters * $bytes * ${ours[rate-$n-$type]} / ($read * 1e9) }")" %
    done
    ours[peak-$type]=$(peak rf-sample -q -j "$threads" -m "$run" -V "$WORK/train.vocab" -n 1 "${weights[@]}" "$(cat "$WORK/prompt-$longest.txt")")
    row "peak memory after $longest tokens, $type" "${ours[peak-$type]}" MB
    runs=1 speed 512 "rate-8x512-$type" --samples 8
    row "8 samples together after 512 tokens, $type" "${ours[rate-8x512-$type]}" tokens/s
}

# said_of NAME: what the peer said about it.
said_of() { awk -F '\t' -v name="$1" '$1 == name { print $2 }' "$WORK/peer.tsv"; }

# beside PEER TYPE: rows of a peer beside ours with weights of the same type.
beside() {
    local n called script=("$PYTHON" "$ROOT/tests/bench/peer_sample.py" "$1" "$2" "$WORK/sample-peers")
    if ! { "${script[@]}" --write && "${script[@]}" --threads "$threads" --prompts "${lengths// /,}" --started "$EPOCHREALTIME"; } >"$WORK/peer.tsv" 2>"$WORK/peer.log"; then
        echo "bench: $1, $2: $(tail -n 1 "$WORK/peer.log")" >&2
        return
    fi
    called=$(said_of called)
    row "start, $2" "${ours[start-$2]:-}" s "$called" "$(said_of start)"
    for n in $lengths; do
        row "prompt of $n tokens, $2" "${ours[prefill-$n-$2]:-}" s "$called" "$(said_of "prefill-$n")"
        row "writing after $n tokens, $2" "${ours[rate-$n-$2]:-}" tokens/s "$called" "$(said_of "rate-$n")"
    done
    row "peak memory after $longest tokens, $2" "${ours[peak-$2]:-}" MB "$called" "$(said_of peak)"
    n=$(said_of rate-8x512)
    [ -z "$n" ] || row "8 samples together after 512 tokens, $2" "${ours[rate-8x512-$2]:-}" tokens/s "$called" "$n"
}

# against PEER [TYPE...]: beside, for those of these types that are asked for; false: the peer is not.
against() {
    local type
    case " ${AGAINST:-reformer-pytorch hf-reformer gpt2 llama.cpp} " in *" $1 "*) ;; *) return 1 ;; esac
    for type in "${@:2}"; do
        case " $types " in *" $type "*) beside "$1" "$type" ;; esac
    done
}

checkpoint
mkdir -p "$WORK/sample-peers"
for n in 8 512 $lengths; do prompt "$n" >"$WORK/prompt-$n.txt"; done
# all but the tables of which a token takes one row
parameters=$(ckpt-info -t "$run" | awk -F '\t' 'NR > 1 && $1 !~ /^(token|pos)\./ { n += $3 } END { print n }')
read=$("${BIN%/bin}/tests/bench/bench_read" 1000 "$threads")
row "reading 1 GB, $threads threads" "$read" GB/s
types=${TYPES:-fp32 bf16 int8}
for type in $types; do
    weights=(--weights "$type")
    if ! rf-sample --help | grep -A 2 -- --weights | grep -qw "$type"; then
        [ "$type" = fp32 ] || continue
        weights=()
    fi
    measure "$type"
done

if against reformer-pytorch && reformer_pytorch; then
    against reformer-pytorch fp32
fi
if { against hf-reformer || against gpt2; } && need torch==2.5.1 numpy transformers==4.57.6; then
    against hf-reformer fp32 || :
    against gpt2 fp32 bf16 || :
fi
# GCC 12 takes what llama.cpp tells the tiles of AMX for stores that nobody reads: its 8 bit products then crash
if against llama.cpp && need numpy gguf==0.19.0 && CXXFLAGS=-fno-dse need llama-cpp-python==0.3.36; then
    against llama.cpp fp32 bf16 int8
fi
