# every line of the sample corpus as Hugging Face encodes it
golden=$ROOT/tests/golden/wordpiece
wp-encode -f ids -V "$golden/vocab.txt" "$CORPUS" | cmp - <(zstd -dc "$golden/corpus.ids.zst") && echo same
for flags in plain lower:--lower-case strip:--strip-accents 'both:--lower-case --strip-accents'; do
    # shellcheck disable=SC2046
    wp-encode -q -f ids -V "$golden/hard-vocab.txt" $(cut -s -d: -f2 <<<"$flags") "$golden/cases.txt" |
        cmp - "$golden/cases-${flags%%:*}.ids" && echo same
done
#out
# same
# same
# same
# same
# same
