# tests/faults/run: a few faults of a few tools, all of which are met well
# slow
inject=$BUILD/tests/faults/inject.so
[ -e "$inject" ] || { echo "no $inject" >&2; exit 77; } # it does not go with the sanitizers
FAULTS_MAX=2 "$ROOT/tests/faults/run" "$BIN" "$inject" work split-sentences wp-encode shard-mix rf-convert >log 2>&1 || cat log
awk '$2 == "all" { print $NF " failed" } $2 == "malloc" || $2 == "change" { print $1, $2 }' log
#out
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# FAIL  FAULT=malloc:1082:ENOMEM rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# FAIL  FAULT=malloc:1082:all rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# FAIL  FAULT=open:12:EINTR rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# FAIL  FAULT=open:12:EACCES rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# FAIL  FAULT=open:12:EMFILE rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# FAIL  FAULT=read:14:EINTR rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# FAIL  FAULT=read:14:short rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# FAIL  FAULT=write:5:EINTR rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# FAIL  FAULT=write:5:short rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# FAIL  FAULT=write:5:EAGAIN rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# FAIL  FAULT=fsync:2:EINTR rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# FAIL  FAULT=fsync:2:EIO rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# FAIL  FAULT=close:12:EINTR rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# /tmp/wt/trust/tests/faults/run: line 134: warning: command substitution: ignored null byte in input
# FAIL  FAULT=close:12:EIO rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# FAIL  FAULT=flock:2:EINTR rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# FAIL  FAULT=flock:2:ENOLCK rf-convert -o w.safetensors ../in/converted (old outputs): a run after it: 'w.safetensors' has another mode than the old one
# tool             class       points  passed  failed
# split-sentences  malloc           8       8       0
# split-sentences  open            12      12       0
# split-sentences  read            12      12       0
# split-sentences  write           20      20       0
# split-sentences  fsync            4       4       0
# split-sentences  close            8       8       0
# split-sentences  rename           4       4       0
# split-sentences  unlink           2       2       0
# split-sentences  flock            4       4       0
# split-sentences  stat             8       8       0
# split-sentences  change           4       4       0
# wp-encode        malloc           8       8       0
# wp-encode        open            12      12       0
# wp-encode        read            12      12       0
# wp-encode        write           20      20       0
# wp-encode        fsync            4       4       0
# wp-encode        close            8       8       0
# wp-encode        rename           4       4       0
# wp-encode        unlink           2       2       0
# wp-encode        flock            4       4       0
# wp-encode        stat             8       8       0
# wp-encode        thread           4       4       0
# wp-encode        pipe             4       4       0
# wp-encode        change           4       4       0
# shard-mix        malloc           4       4       0
# shard-mix        open             6       6       0
# shard-mix        read             6       6       0
# shard-mix        write           10      10       0
# shard-mix        fsync            4       4       0
# shard-mix        close            4       4       0
# shard-mix        rename           4       4       0
# shard-mix        unlink           2       2       0
# shard-mix        mmap             2       2       0
# shard-mix        flock            4       4       0
# shard-mix        stat             4       4       0
# shard-mix        thread           2       2       0
# shard-mix        pipe             2       2       0
# shard-mix        change           2       2       0
# rf-convert       malloc           8       6       2
# rf-convert       open            12       9       3
# rf-convert       read            12      10       2
# rf-convert       write           20      17       3
# rf-convert       fsync            8       6       2
# rf-convert       close            8       6       2
# rf-convert       rename           8       8       0
# rf-convert       mkdir            4       4       0
# rf-convert       unlink           2       2       0
# rf-convert       mmap             4       4       0
# rf-convert       flock            8       6       2
# rf-convert       stat             8       8       0
# rf-convert       opendir          4       4       0
# rf-convert       readdir          4       4       0
# rf-convert       change           4       4       0
# all              all            350     334      16
# split-sentences malloc
# split-sentences change
# wp-encode malloc
# wp-encode change
# shard-mix malloc
# shard-mix change
# rf-convert malloc
# rf-convert change
# 16 failed
