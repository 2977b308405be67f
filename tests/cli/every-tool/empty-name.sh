# an output without a name is refused before any work; no file has an empty name
cd "$BIN" || exit
tools=(*)
cd - >/dev/null || exit
for tool in "${tools[@]}"; do
    case $tool in *.so) continue ;; esac
    case $tool in rf-train) options=train.run ;; *) options=output ;; esac
    case $tool in
    wp-train) options+=' counts-out tokenizer-json report vocab' ;;
    wiki-text) options+=' report' ;;
    text-filter) options+=' report not-in signatures-out' ;;
    shard-wiki) options+=' train eval' ;;
    squad-predict) options+=' nbest' ;;
    esac
    for option in $options; do
        timeout 10 "$tool" "--$option=" none 2>&1 | head -n 1
        echo "${PIPESTATUS[0]}"
    done
done
ls -A
#out
# ckpt-info: option '--output' names no file: ''
# 2
# classify-encode: option '--output' names no file: ''
# 2
# mask-tokens: option '--output' names no file: ''
# 2
# modu-text: option '--output' names no file: ''
# 2
# namu-text: option '--output' names no file: ''
# 2
# rf-convert: option '--output' names no file: ''
# 2
# rf-embed: option '--output' names no file: ''
# 2
# rf-eval: option '--output' names no file: ''
# 2
# rf-fill: option '--output' names no file: ''
# 2
# rf-plot: option '--output' names no file: ''
# 2
# rf-predict: option '--output' names no file: ''
# 2
# rf-sample: option '--output' names no file: ''
# 2
# rf-score: option '--output' names no file: ''
# 2
# rf-train: train.run names no folder
# 2
# shard-cat: option '--output' names no file: ''
# 2
# shard-mix: option '--output' names no file: ''
# 2
# shard-wiki: option '--output' names no file: ''
# 2
# shard-wiki: option '--train' names no file: ''
# 2
# shard-wiki: option '--eval' names no file: ''
# 2
# split-sentences: option '--output' names no file: ''
# 2
# squad-cloze: option '--output' names no file: ''
# 2
# squad-encode: option '--output' names no file: ''
# 2
# squad-eval: missing operand: gold predictions
# 2
# squad-predict: option '--output' names no file: ''
# 2
# squad-predict: option '--nbest' names no file: ''
# 2
# text-filter: option '--output' names no file: ''
# 2
# text-filter: option '--report' names no file: ''
# 2
# text-filter: option '--not-in' names no file: ''
# 2
# text-filter: option '--signatures-out' names no file: ''
# 2
# wiki-text: option '--output' names no file: ''
# 2
# wiki-text: option '--report' names no file: ''
# 2
# wp-decode: option '--output' names no file: ''
# 2
# wp-encode: option '--output' names no file: ''
# 2
# wp-train: option '--output' names no file: ''
# 2
# wp-train: option '--counts-out' names no file: ''
# 2
# wp-train: option '--tokenizer-json' names no file: ''
# 2
# wp-train: option '--report' names no file: ''
# 2
# wp-train: option '--vocab' names no file: ''
# 2
