# the same bytes for any size of reads
cat "$CORPUS" "$CORPUS" | sed 's/다/라/3' >text
text-filter --dup-lines text >one
dd if=text bs=997 status=none | text-filter --dup-lines | cmp - one && echo same
zstd -qc text | text-filter --dup-lines | cmp - one && echo same
#out
# same
# same
