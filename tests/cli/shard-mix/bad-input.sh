. "$ROOT/tests/cli/shard-mix/inputs.inc"
head -c -1 six.rfs >cut.rfs
for f in missing.rfs cut.rfs "$good/0003-tokens.rfs" "$good/0005-masked.rfs" "$good/0011-no-special-tokens.rfs" "$good/0001-nothing.rfs"; do
    shard-mix -o mix.rfs two.rfs "$f" 2>&1 | sed "s,$good/,,"; echo "${PIPESTATUS[0]}"
done
ls
#out
# shard-mix: cannot open 'missing.rfs': No such file or directory
# 1
# shard-mix: 'cut.rfs' is cut off at byte 474: its end frame is missing
# 1
# shard-mix: '0003-tokens.rfs' holds records of kind tokens, not sequences
# 1
# shard-mix: '0005-masked.rfs' differs in kind or vocabulary from 'two.rfs'
# 1
# shard-mix: '0011-no-special-tokens.rfs' differs in kind or vocabulary from 'two.rfs'
# 1
# shard-mix: '0001-nothing.rfs' holds no record
# 1
# cut.rfs
# six.rfs
# two.rfs
