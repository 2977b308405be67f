# Each in one line that says where.
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' 가 >vocab.txt
try() { printf "$1" >in; shift; classify-encode "$@" in >/dev/null; echo $?; }
try 'a\t가\nb\n'
try 'a\t가\t나\t다\n'
try '\t가\n'
try ''
try 'a\t가\nb\t가\n' --classes <(echo a)
try '{"label":"a"}\n' --jsonl
try '{"text":"a"}\n' --jsonl
try '[]\n' --jsonl
try '{"text":["a"],"label":"b"}\n' --jsonl
try '{"text":"a","label":null}\n' --jsonl
try '{"text":"a","label":"b"} x\n' --jsonl
try '{"text":"a"\n' --jsonl
try 'a\t\377\n'
try 'a\t가\n' --classes <(printf 'a\na\n')
try 'a\t가\n' --classes in --classes-of in
try 'a\t가\n' --classes-of in
seq 1025 | sed 's/$/\t가/' >many
classify-encode many
printf 'a\t가\n' | classify-encode
classify-encode -o once.rfs <(printf 'a\t가\n')
ls once.rfs 2>/dev/null
grep -v SEP vocab.txt >few
printf 'a\t가\n' | classify-encode -V few --classes <(echo a)
#out
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 1
# 2
# 1
#err
# classify-encode: 'in', line 2: no tab between a class and a text
# classify-encode: 'in', line 1: more than two texts
# classify-encode: 'in', line 1: a class without a name
# classify-encode: 'in' has no examples, and so no classes
# classify-encode: 'in', line 2: 'b' is none of the classes
# classify-encode: 'in', line 1: no member 'text'
# classify-encode: 'in', line 1: no member 'label'
# classify-encode: 'in', line 1: no JSON object
# classify-encode: 'in', line 1: no text in member 'text'
# classify-encode: 'in', line 1: no member 'label'
# classify-encode: line 1: bad JSON in 'in', byte 25: something follows the value
# classify-encode: line 1: JSON in 'in' ends too early, at byte 11
# classify-encode: not UTF-8 in 'in', line 1, byte 2 of the text
# classify-encode: the shard to write has two classes of one name
# classify-encode: --classes and --classes-of do not go together
# classify-encode: 'in' is not a shard
# classify-encode: 'many', line 1025: more classes than the 1024 that may be
# classify-encode: standard input can be read only once: it needs --classes or --classes-of
# classify-encode: the input can be read only once: it needs --classes or --classes-of
# classify-encode: the vocabulary lacks [CLS] or [SEP]
#exit 1
