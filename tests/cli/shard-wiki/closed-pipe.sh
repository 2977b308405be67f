# More output than a pipe holds; whoever reads on would find it cut.
wp-train -q --size 2000 "$CORPUS" >vocab.txt
wp-encode -q -o tokens.rfs "$CORPUS"
for _ in $(seq 40); do cat tokens.rfs; done | shard-wiki | head -c 1000 >cut.rfs
echo "${PIPESTATUS[1]}"
shard-cat --check cut.rfs
