# Tokens as JSON strings: quotes and backslashes are escaped.
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' 나 '##는' '"' '\' . >vocab.txt
printf '나는 "\\".\n\n나\n' | wp-encode -q -o tokens.rfs
shard-cat -f jsonl -V vocab.txt tokens.rfs
shard-wiki tokens.rfs | mask-tokens --rate 1 | shard-cat -f jsonl -V vocab.txt
#out
# {"doc":0,"sentences":[["나","##는","\"","\\","\"","."]]}
# {"doc":1,"sentences":[["나"]]}
# {"doc":0,"ids":["[CLS]","[MASK]","나","[MASK]","[MASK]","[MASK]","[MASK]","[SEP]"],"positions":[1,2,3,4,5,6],"labels":["나","##는","\"","\\","\"","."]}
# {"doc":1,"ids":["[CLS]","[MASK]","[SEP]"],"positions":[1],"labels":["나"]}
