# tests/faults/run finds what a careless tool does: it damages its file, lies, dies, hangs, leaves things lying about, opens what was private
inject=$BUILD/tests/faults/inject.so
[ -e "$inject" ] || { echo "no $inject" >&2; exit 77; }
mkdir bin
cp "$BIN"/{wp-train,wp-encode,shard-wiki,rf-train,rf-convert,ckpt-info} bin
cat >careless.c <<'END'
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *fault = argv[argc - 1];
    int in = TEMP_FAILURE_RETRY(open("../in/text", O_RDONLY)), out;
    char *p = malloc(4096);
    struct stat old;
    ssize_t n;

    if (strcmp(fault, "dies") == 0)
        *(volatile char *)p = 1; /* not asked whether there is memory */
    else if (!p || in < 0)
        return fprintf(stderr, "careless: no memory or no input\n"), 1;
    while ((n = read(in, p, 4096)) < 0 && (errno == EINTR || strcmp(fault, "hangs") == 0))
        if (errno != EINTR)
            pause();
    if (n < 0 && strcmp(fault, "mute") != 0)
        fprintf(stderr, "careless: cannot read\n");
    if (n < 0)
        return 1;
    if (strcmp(fault, "shortens") != 0 && n < 4096 && n == 1)
        n += read(in, p + 1, 4095);
    old.st_mode = 0666;
    if (strcmp(fault, "opens") != 0 && stat("a.txt", &old) != 0 && errno != ENOENT)
        return fprintf(stderr, "careless: cannot look\n"), 1;
    if (unlink("a.txt.tmp") != 0 && errno != ENOENT) /* what a killed run left */
        return fprintf(stderr, "careless: cannot remove\n"), 1;
    out = TEMP_FAILURE_RETRY(open(strcmp(fault, "damages") == 0 ? "a.txt" : "a.txt.tmp",
                                  O_WRONLY | O_CREAT | O_TRUNC, old.st_mode & 0777));
    if (out < 0)
        return fprintf(stderr, "careless: cannot create\n"), 1;
    for (ssize_t at = 0, got; at < n; at += got) {
        got = TEMP_FAILURE_RETRY(write(out, p + at, (size_t)(n - at)));
        if (got < 0 && strcmp(fault, "lies") == 0)
            break;
        if (got < 0) {
            if (strcmp(fault, "leaves") != 0)
                unlink("a.txt.tmp");
            return fprintf(stderr, "careless: cannot write\n"), 1;
        }
    }
    if (strcmp(fault, "damages") != 0 && rename("a.txt.tmp", "a.txt") != 0)
        return unlink("a.txt.tmp"), fprintf(stderr, "careless: cannot rename\n"), 1;
    return 0;
}
END
gcc -D_GNU_SOURCE -O0 -o bin/careless careless.c || exit
for fault in none dies hangs mute shortens damages lies leaves opens; do
    echo "careless a.txt $fault" >commands
    echo "$fault"
    FAULTS_COMMANDS=commands FAULTS_MAX=2 FAULTS_SECONDS=2 "$ROOT/tests/faults/run" "$PWD/bin" "$inject" work >log 2>&1
    echo "status $?"
    sed -n 's/^FAIL  FAULT=\([a-z]*\):[0-9]*:\([A-Za-z]*\)[^:]*: /\1 \2: /p' log | sort -u
done
#out
# none
# status 0
# dies
# status 1
# malloc ENOMEM: status 139: 
# malloc all: status 139: 
# hangs
# status 1
# read EIO: hangs, or ends by a signal
# mute
# status 1
# read EIO: 0 lines on standard error: 
# shortens
# status 1
# read short: 'a.txt' differs from that of an undisturbed run
# damages
# status 1
# change kill: 'a.txt' is neither old nor new
# write EAGAIN: 'a.txt' is neither old nor new
# write EIO: 'a.txt' is neither old nor new
# write ENOSPC: 'a.txt' is neither old nor new
# lies
# status 1
# write EAGAIN: 'a.txt' differs from that of an undisturbed run
# write EIO: 'a.txt' differs from that of an undisturbed run
# write ENOSPC: 'a.txt' differs from that of an undisturbed run
# leaves
# status 1
# write EAGAIN: 'a.txt.tmp' is left
# write EIO: 'a.txt.tmp' is left
# write ENOSPC: 'a.txt.tmp' is left
# opens
# status 1
# change kill: a run after it: 'a.txt' has another mode than the old one
# malloc ENOMEM: a run after it: 'a.txt' has another mode than the old one
# malloc all: a run after it: 'a.txt' has another mode than the old one
# open EACCES: a run after it: 'a.txt' has another mode than the old one
# open EINTR: 'a.txt' has another mode than the old one
# open EMFILE: a run after it: 'a.txt' has another mode than the old one
# read EINTR: 'a.txt' has another mode than the old one
# read EIO: a run after it: 'a.txt' has another mode than the old one
# read short: 'a.txt' has another mode than the old one
# rename EACCES: a run after it: 'a.txt' has another mode than the old one
# rename EIO: a run after it: 'a.txt' has another mode than the old one
# unlink EACCES: a run after it: 'a.txt' has another mode than the old one
# write EAGAIN: a run after it: 'a.txt' has another mode than the old one
# write EINTR: 'a.txt' has another mode than the old one
# write EIO: a run after it: 'a.txt' has another mode than the old one
# write ENOSPC: a run after it: 'a.txt' has another mode than the old one
# write short: 'a.txt' has another mode than the old one
