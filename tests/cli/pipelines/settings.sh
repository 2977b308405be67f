# each pipeline's settings are good ones; GPT-3's shapes have its parameters and half a million tokens an update
for settings in "$ROOT"/pipelines/*.yaml; do rf-train -c "$settings" --dump-config >/dev/null; done
for size in 'small 768 12' 'medium 1024 24'; do
    read -r name dim depth <<<"$size"
    settings=$ROOT/pipelines/clm-$name.yaml
    rf-train -c "$settings" --dump-config | sed '/^generator:/,/discriminator_weight/d' >dump
    rf-train -c "$settings" --needs 22000 >needs
    get() { sed -n "s/^ *$1: //p" dump; }
    awk -v tokens=$(($(get batch) * $(get slots) * $(get max_len))) \
        'BEGIN { print tokens, (tokens > 0.9 * 500000 && tokens < 1.1 * 500000) ? "about half a million" : "too far" }'
    n=$(sed -n 's/^parameters: //p' needs)
    ends=$((22000 * dim + (80 + 64) * dim + 2 * dim + 22000 * dim + 22000)) # embedding, positions, norm, head
    attention=$((2 * dim + 3 * dim * dim + dim))                            # norm; keys, values, output
    forward=$((2 * dim + 8 * dim * dim + 5 * dim))                          # norm; two layers, four times as wide between
    [ "$n" = $((ends + depth * (attention + forward))) ] && echo 'the shape has as many parameters'
    grep -o "$(sed -E ':a; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; ta' <<<"$n") parameters" "$settings"
    echo "heads of $(($(get dim) / $(get heads))), $(get lsh_layout), $(get schedule), a rate of $(get lr)"
    [ "$(grep -c 'dropout: 0$' dump)" = 5 ] && echo 'no dropout'
done
#out
# 491520 about half a million
# the shape has as many parameters
# 111,875,056 parameters
# heads of 64, aligned, cosine, a rate of 0.0006
# no dropout
# 491520 about half a million
# the shape has as many parameters
# 322,297,328 parameters
# heads of 64, aligned, cosine, a rate of 0.0003
# no dropout
