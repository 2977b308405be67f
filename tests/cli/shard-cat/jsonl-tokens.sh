# Tokens as JSON strings: quotes and backslashes are escaped.
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' 나 '##는' '"' '\' . >vocab.txt
printf '나는 "\\".\n\n나\n' | wp-encode -q -o tokens.rfs
shard-cat -f jsonl -V vocab.txt tokens.rfs
shard-wiki tokens.rfs | mask-tokens --rate 1 | shard-cat -f jsonl -V vocab.txt
