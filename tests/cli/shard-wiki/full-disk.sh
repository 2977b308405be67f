# A full disk for one of two files: neither appears.
in=$ROOT/tests/golden/shard/good/0019-forty-documents.rfs
shard-wiki -o /dev/full "$in"; echo $?
shard-wiki "$in" >/dev/full; echo $?
shard-wiki --train t.rfs --eval /dev/full "$in"; echo $?
shard-wiki --train /dev/full --eval e.rfs "$in"; echo $?
shard-wiki --train t.rfs --eval none/e.rfs "$in"; echo $?
ls
#out
# 1
# 1
# 1
# 1
# 1
#err
# shard-wiki: cannot write '/dev/full': No space left on device
# shard-wiki: cannot write 'standard output': No space left on device
# shard-wiki: cannot write '/dev/full': No space left on device
# shard-wiki: cannot write '/dev/full': No space left on device
# shard-wiki: cannot create 'none/e.rfs': No such file or directory
