# Nobody reads on: the reader is gone before the first byte; whoever keeps a part finds it cut.
wp-train -q --size 2000 "$CORPUS" >vocab.txt
wp-encode -q -o tokens.rfs "$CORPUS"
{ sleep 0.5; cat tokens.rfs; } | shard-wiki | :
echo "${PIPESTATUS[1]}"
shard-wiki tokens.rfs | head -c 1000 >cut.rfs
shard-cat --check cut.rfs
#out
# 141
#err
# shard-cat: 'cut.rfs' is cut off at byte 1000: its end frame is missing
#exit 1
