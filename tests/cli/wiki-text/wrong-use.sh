for use in '--max-page 12x' '--max-page 10' '-k foo' '-k a=b' '-k a=$1$1' '--invalid maybe' '--cirrus=1' '--jsonl' '-j -1'; do
    # shellcheck disable=SC2086
    wiki-text $use </dev/null
    echo $?
done
