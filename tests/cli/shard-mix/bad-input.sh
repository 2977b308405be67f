. "$ROOT/tests/cli/shard-mix/inputs.inc"
head -c -1 six.rfs >cut.rfs
for f in missing.rfs cut.rfs "$good/0003-tokens.rfs" "$good/0005-masked.rfs" "$good/0011-no-special-tokens.rfs" "$good/0001-nothing.rfs"; do
    shard-mix -o mix.rfs two.rfs "$f" 2>&1 | sed "s,$good/,,"; echo "${PIPESTATUS[0]}"
done
ls
