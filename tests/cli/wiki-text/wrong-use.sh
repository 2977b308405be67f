for use in '--max-page 12x' '--max-page 10' '-k foo' '-k a=b' '-k a=$1$1' '--invalid maybe' '--cirrus=1' '--jsonl' '-j -1'; do
    # shellcheck disable=SC2086
    wiki-text $use </dev/null
    echo $?
done
#out
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
# 2
#err
# wiki-text: bad value '12x' for 'max-page': not a number with a unit it knows
# Try 'wiki-text --help'.
# wiki-text: bad value '10' for 'max-page': must be 1024 to 1073741824
# Try 'wiki-text --help'.
# wiki-text: bad rule 'foo': must be NAME=ARGUMENT
# wiki-text: bad rule 'a=b': must name an argument: 0 to 9, or a text with $1 in it
# wiki-text: bad rule 'a=$1$1': must name an argument: 0 to 9, or a text with $1 in it
# wiki-text: bad value 'maybe' for 'invalid': must be refuse, replace
# Try 'wiki-text --help'.
# wiki-text: option '--cirrus' takes no value
# Try 'wiki-text --help'.
# wiki-text: option '--jsonl' needs a value
# Try 'wiki-text --help'.
# wiki-text: bad value '-1' for 'threads': must be 0 to 1023
# Try 'wiki-text --help'.
