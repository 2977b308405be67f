# rows about the text that stands in for the large one say so; what was made of one is no part of the other
mkdir -p here/project/pipelines here/project/tests/bench work
cp "$ROOT"/tests/bench/{lib,train}.sh here/project/tests/bench
echo 한 줄 >here/project/pipelines/corpus-ko.txt
cat >measure <<'END'
. "$ROOT/tests/bench/train.sh"
row 'nothing of it' 1 s
"$@"
row 'encoding' 2 MB/s peer 4
[ "$*" = : ] || wc -l <"$WORK/bills.txt"
END
measure() { ROOT=$PWD/here/project WORK=$PWD/work bash -eu measure "$@"; }
for what in : bills text; do measure $what; done
mkdir -p here/shared/data
yes '큰 글' | head -n 1000 | zstd -q -o here/shared/data/bills.txt.zst
for what in : bills text; do measure $what; done
#out
# | nothing of it | 1 s |  |  |  |
# | encoding | 2 MB/s | peer | 4 | 0.50 |
# | nothing of it | 1 s |  |  |  |
# | encoding (sample corpus, 100 times over) | 2 MB/s | peer | 4 | 0.50 |
# 100
# | nothing of it | 1 s |  |  |  |
# | encoding (sample corpus, 100 times over) | 2 MB/s | peer | 4 | 0.50 |
# 100
# | nothing of it | 1 s |  |  |  |
# | encoding | 2 MB/s | peer | 4 | 0.50 |
# | nothing of it | 1 s |  |  |  |
# | encoding | 2 MB/s | peer | 4 | 0.50 |
# 1000
# | nothing of it | 1 s |  |  |  |
# | encoding | 2 MB/s | peer | 4 | 0.50 |
# 1000
