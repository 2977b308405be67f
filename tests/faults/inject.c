/*
 * inject.c: a library to preload, which makes one call of a program fail.
 *
 *     FAULT=write:3:ENOSPC   the third write() fails with this error; names and numbers of
 * errors FAULT=write:3:short    the third write() takes one byte only FAULT=malloc:7:ENOMEM the
 * seventh allocation fails; malloc:7:all: and all behind it FAULT=change:5:kill    the process
 * is killed before the fifth call that changes files FAULT_COUNTS=file      write how many
 * calls of each class there were, a line each
 *
 * Calls are counted from main() to its end, in all threads together. What libgomp, oneDNN, the
 * C++ library and the dynamic loader ask for is not counted and never fails: they answer a
 * failure by ending the process, and no caller can help that. stdio calls the kernel past this
 * library, so the streams of a program are replaced here by streams that do not. Their calls
 * are not interrupted (EINTR), as stdio takes that for an error, and it happens only to
 * programs that catch signals.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum class {
    MALLOC,
    OPEN,
    READ,
    PREAD,
    WRITE,
    PWRITE,
    FSYNC,
    CLOSE,
    RENAME,
    MKDIR,
    UNLINK,
    MMAP,
    FTRUNCATE,
    FLOCK,
    LSEEK,
    STAT,
    FCHMOD,
    OPENDIR,
    READDIR,
    THREAD,
    PIPE,
    CHANGE, /* any call that changes a file or a folder */
    CLASSES
};
static const char *const class_names[] = {
    "malloc", "open",    "read",    "pread",  "write",     "pwrite", "fsync", "close",
    "rename", "mkdir",   "unlink",  "mmap",   "ftruncate", "flock",  "lseek", "stat",
    "fchmod", "opendir", "readdir", "thread", "pipe",      "change"};

static const struct {
    const char *name;
    int number;
} errors[] = {{"EINTR", EINTR},   {"EIO", EIO},       {"ENOSPC", ENOSPC},
              {"EACCES", EACCES}, {"EAGAIN", EAGAIN}, {"ENOMEM", ENOMEM},
              {"ENOLCK", ENOLCK}, {"EMFILE", EMFILE}, {"EPERM", EPERM}};

enum outcome { GO, FAIL, CUT };

static struct {
    enum class class;
    unsigned long at; /* 0: no fault is asked for */
    bool all, cut, kill;
    int error;
} plan;
static atomic_ulong counts[CLASSES];
static atomic_bool armed;

static struct {
    uintptr_t start, end;
} spared[16]; /* the libraries whose calls never fail */
static int n_spared;

#define CALLER (uintptr_t) __builtin_return_address(0)

static int add_spared(struct dl_phdr_info *info, size_t size, void *unused)
{
    static const char *const names[] = {"libgomp",  "libdnnl",  "libstdc++",
                                        "libgcc_s", "ld-linux", "libOpenCL"};

    (void)size;
    (void)unused;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!strstr(info->dlpi_name, names[i]) || n_spared == sizeof spared / sizeof *spared)
            continue;
        spared[n_spared].start = spared[n_spared].end = info->dlpi_addr;
        for (int j = 0; j < info->dlpi_phnum; j++) {
            uintptr_t end =
                info->dlpi_addr + info->dlpi_phdr[j].p_vaddr + info->dlpi_phdr[j].p_memsz;

            if (info->dlpi_phdr[j].p_type == PT_LOAD && end > spared[n_spared].end)
                spared[n_spared].end = end;
        }
        n_spared++;
    }
    return 0;
}

static bool counts_for(uintptr_t caller)
{
    if (!atomic_load(&armed))
        return false;
    for (int i = 0; i < n_spared; i++)
        if (caller >= spared[i].start && caller < spared[i].end)
            return false;
    return true;
}

/* Count a call, and say what shall become of it. errno is set if it shall fail. */
static enum outcome count(enum class class, uintptr_t caller)
{
    unsigned long n;

    if (!counts_for(caller))
        return GO;
    n = atomic_fetch_add(&counts[class], 1) + 1;
    if (class != plan.class || !plan.at || (plan.all ? n < plan.at : n != plan.at))
        return GO;
    if (plan.kill)
        kill(getpid(), SIGKILL);
    if (plan.cut)
        return CUT;
    errno = plan.error;
    return FAIL;
}

static enum outcome count_change(enum class class, uintptr_t caller)
{
    (void)count(CHANGE, caller);
    return count(class, caller);
}

#define FAIL_IF_ASKED(class)                                                                   \
    if (count(class, CALLER) == FAIL)                                                          \
    return -1
#define FAIL_CHANGE_IF_ASKED(class)                                                            \
    if (count_change(class, CALLER) == FAIL)                                                   \
    return -1

/* Set *function, a pointer to a function, to the one that this library hides. */
static void next(void *function, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (!found)
        abort();
    memcpy(function, &found, sizeof found);
}

/* --- memory */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

void *malloc(size_t n)
{
    return count(MALLOC, CALLER) == FAIL ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    return count(MALLOC, CALLER) == FAIL ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    return count(MALLOC, CALLER) == FAIL ? NULL : __libc_realloc(p, n);
}

void *aligned_alloc(size_t align, size_t n)
{
    return count(MALLOC, CALLER) == FAIL ? NULL : __libc_memalign(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
    void *got = count(MALLOC, CALLER) == FAIL ? NULL : __libc_memalign(align, n);

    if (!got)
        return ENOMEM;
    *p = got;
    return 0;
}

void *mmap(void *at, size_t n, int prot, int flags, int fd, off_t offset)
{
    if (count(MMAP, CALLER) == FAIL)
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, n, prot, flags, fd, offset);
}

/* --- files */

static int open_file(const char *name, int flags, mode_t mode, uintptr_t caller)
{
    enum outcome o =
        flags & (O_CREAT | O_TRUNC) ? count_change(OPEN, caller) : count(OPEN, caller);

    return o == FAIL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, name, flags, mode);
}

int open(const char *name, int flags, ...)
{
    va_list ap;
    mode_t mode = 0;

    va_start(ap, flags);
    if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE)
        mode = va_arg(ap, mode_t);
    va_end(ap);
    return open_file(name, flags, mode, CALLER);
}

int __open_2(const char *name, int flags);
int __open_2(const char *name, int flags)
{
    return open_file(name, flags, 0, CALLER);
}

int mkostemp(char *template, int flags)
{
    int (*real)(char *, int);

    next(&real, "mkostemp");
    FAIL_CHANGE_IF_ASKED(OPEN);
    return real(template, flags);
}

ssize_t read(int fd, void *p, size_t n)
{
    enum outcome o = count(READ, CALLER);

    return o == FAIL ? -1 : syscall(SYS_read, fd, p, o == CUT && n ? 1 : n);
}

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
    enum outcome o = count(PREAD, CALLER);

    return o == FAIL ? -1 : syscall(SYS_pread64, fd, p, o == CUT && n ? 1 : n, at);
}

ssize_t write(int fd, const void *p, size_t n)
{
    enum outcome o = count_change(WRITE, CALLER);

    return o == FAIL ? -1 : syscall(SYS_write, fd, p, o == CUT && n ? 1 : n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    enum outcome o = count_change(PWRITE, CALLER);

    return o == FAIL ? -1 : syscall(SYS_pwrite64, fd, p, o == CUT && n ? 1 : n, at);
}

int fsync(int fd)
{
    FAIL_IF_ASKED(FSYNC);
    return (int)syscall(SYS_fsync, fd);
}

/* A close() that fails has closed the descriptor. */
int close(int fd)
{
    enum outcome o = count(CLOSE, CALLER);
    int rc = (int)syscall(SYS_close, fd);

    if (o == FAIL)
        errno = plan.error;
    return o == FAIL ? -1 : rc;
}

int rename(const char *from, const char *to)
{
    FAIL_CHANGE_IF_ASKED(RENAME);
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int mkdir(const char *name, mode_t mode)
{
    FAIL_CHANGE_IF_ASKED(MKDIR);
    return (int)syscall(SYS_mkdirat, AT_FDCWD, name, mode);
}

int unlink(const char *name)
{
    FAIL_CHANGE_IF_ASKED(UNLINK);
    return (int)syscall(SYS_unlinkat, AT_FDCWD, name, 0);
}

int rmdir(const char *name)
{
    FAIL_CHANGE_IF_ASKED(UNLINK);
    return (int)syscall(SYS_unlinkat, AT_FDCWD, name, AT_REMOVEDIR);
}

int unlinkat(int folder, const char *name, int flags)
{
    FAIL_CHANGE_IF_ASKED(UNLINK);
    return (int)syscall(SYS_unlinkat, folder, name, flags);
}

int ftruncate(int fd, off_t size)
{
    FAIL_CHANGE_IF_ASKED(FTRUNCATE);
    return (int)syscall(SYS_ftruncate, fd, size);
}

int flock(int fd, int how)
{
    FAIL_IF_ASKED(FLOCK);
    return (int)syscall(SYS_flock, fd, how);
}

off_t lseek(int fd, off_t at, int whence)
{
    FAIL_IF_ASKED(LSEEK);
    return syscall(SYS_lseek, fd, at, whence);
}

off64_t lseek64(int fd, off64_t at, int whence)
{
    FAIL_IF_ASKED(LSEEK);
    return syscall(SYS_lseek, fd, at, whence);
}

int stat(const char *name, struct stat *st)
{
    FAIL_IF_ASKED(STAT);
    return fstatat(AT_FDCWD, name, st, 0);
}

int lstat(const char *name, struct stat *st)
{
    FAIL_IF_ASKED(STAT);
    return fstatat(AT_FDCWD, name, st, AT_SYMLINK_NOFOLLOW);
}

int fstat(int fd, struct stat *st)
{
    FAIL_IF_ASKED(STAT);
    return fstatat(fd, "", st, AT_EMPTY_PATH);
}

int access(const char *name, int how)
{
    FAIL_IF_ASKED(STAT);
    return faccessat(AT_FDCWD, name, how, 0);
}

int fchmod(int fd, mode_t mode)
{
    FAIL_CHANGE_IF_ASKED(FCHMOD);
    return (int)syscall(SYS_fchmod, fd, mode);
}

int pipe2(int fd[2], int flags)
{
    FAIL_IF_ASKED(PIPE);
    return (int)syscall(SYS_pipe2, fd, flags);
}

DIR *opendir(const char *name)
{
    DIR *(*real)(const char *);

    next(&real, "opendir");
    return count(OPENDIR, CALLER) == FAIL ? NULL : real(name);
}

struct dirent *readdir(DIR *d)
{
    struct dirent *(*real)(DIR *);

    next(&real, "readdir");
    return count(READDIR, CALLER) == FAIL ? NULL : real(d);
}

int pthread_create(pthread_t *t, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

    next(&real, "pthread_create");
    return count(THREAD, CALLER) == FAIL ? plan.error : real(t, attr, run, arg);
}

/* --- streams */

static struct {
    FILE *file;
    int fd;
} streams[64];
static pthread_mutex_t streams_lock = PTHREAD_MUTEX_INITIALIZER;

static int fd_of(void *self)
{
    return (int)(intptr_t)self - 1; /* a cookie is never NULL */
}

static enum outcome uninterrupted(enum outcome o)
{
    return o == FAIL && plan.error == EINTR ? GO : o;
}

static ssize_t stream_read(void *self, char *p, size_t n)
{
    enum outcome o = uninterrupted(count(READ, 0));

    return o == FAIL ? -1 : syscall(SYS_read, fd_of(self), p, o == CUT && n ? 1 : n);
}

static ssize_t stream_write(void *self, const char *p, size_t n)
{
    size_t done = 0;

    while (done < n) { /* as stdio does after a short write */
        enum outcome o = uninterrupted(count_change(WRITE, 0));
        long got =
            o == FAIL ? -1 : syscall(SYS_write, fd_of(self), p + done, o == CUT ? 1 : n - done);

        if (got < 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static int stream_seek(void *self, off64_t *at, int whence)
{
    long now = count(LSEEK, 0) == FAIL ? -1 : syscall(SYS_lseek, fd_of(self), *at, whence);

    if (now >= 0)
        *at = now;
    return now < 0 ? -1 : 0;
}

static int stream_close(void *self)
{
    enum outcome o = uninterrupted(count(CLOSE, 0));
    int rc = (int)syscall(SYS_close, fd_of(self));

    pthread_mutex_lock(&streams_lock);
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        if (streams[i].file && streams[i].fd == fd_of(self))
            streams[i].file = NULL;
    pthread_mutex_unlock(&streams_lock);
    if (o == FAIL)
        errno = plan.error;
    return o == FAIL ? -1 : rc;
}

FILE *fdopen(int fd, const char *mode)
{
    static const cookie_io_functions_t calls = {stream_read, stream_write, stream_seek,
                                                stream_close};
    FILE *file = fopencookie((void *)((intptr_t)fd + 1), mode, calls);

    pthread_mutex_lock(&streams_lock);
    for (size_t i = 0; file && i < sizeof streams / sizeof *streams; i++)
        if (!streams[i].file) {
            streams[i].file = file;
            streams[i].fd = fd;
            break;
        }
    pthread_mutex_unlock(&streams_lock);
    return file;
}

FILE *fopen(const char *name, const char *mode)
{
    int way = strchr(mode, '+') ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;
    int flags = *mode == 'r' ? 0 : *mode == 'w' ? O_CREAT | O_TRUNC : O_CREAT | O_APPEND;
    enum outcome o = uninterrupted(count_change(OPEN, CALLER));
    long fd = o == FAIL ? -1 : syscall(SYS_openat, AT_FDCWD, name, way | flags, 0666);

    return fd < 0 ? NULL : fdopen((int)fd, mode);
}

int fileno(FILE *file)
{
    int (*real)(FILE *);

    next(&real, "fileno");
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        if (streams[i].file == file)
            return streams[i].fd;
    return real(file);
}

/* --- main() */

static void bad_plan(const char *text)
{
    fprintf(stderr, "inject: no fault: '%s'\n", text);
    _exit(125);
}

static void read_how(const char *how, const char *text)
{
    plan.all = strcmp(how, "all") == 0;
    plan.cut = strcmp(how, "short") == 0;
    plan.kill = strcmp(how, "kill") == 0;
    plan.error = ENOMEM;
    if (plan.all || plan.cut || plan.kill)
        return;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strcmp(how, errors[i].name) == 0) {
            plan.error = errors[i].number;
            return;
        }
    bad_plan(text);
}

static void read_plan(const char *text)
{
    const char *colon = strchr(text, ':');
    char *how;

    for (int i = 0; colon && i < CLASSES; i++)
        if (strncmp(text, class_names[i], (size_t)(colon - text)) == 0 &&
            !class_names[i][colon - text]) {
            plan.class = (enum class)i;
            plan.at = strtoul(colon + 1, &how, 10);
        }
    if (!plan.at || *how != ':')
        bad_plan(text);
    read_how(how + 1, text);
}

static void write_counts(const char *name)
{
    FILE *(*real)(const char *, const char *);
    FILE *to;

    next(&real, "fopen");
    to = real(name, "w");
    for (int i = 0; to && i < CLASSES; i++)
        if (counts[i])
            fprintf(to, "%s %lu\n", class_names[i], atomic_load(&counts[i]));
    if (!to || fclose(to) != 0)
        _exit(125);
}

static int (*true_main)(int, char **, char **);

static int armed_main(int argc, char **argv, char **env)
{
    const char *fault = getenv("FAULT"), *file = getenv("FAULT_COUNTS");
    int status;

    unsetenv("LD_PRELOAD"); /* what the program starts is left alone */
    if (fault)
        read_plan(fault);
    dl_iterate_phdr(add_spared, NULL);
    stdout = fdopen(STDOUT_FILENO, "w");
    atomic_store(&armed, true);
    status = true_main(argc, argv, env);
    atomic_store(&armed, false);
    if (file)
        write_counts(file);
    return status;
}

int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*end)(void), void *stack);
int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*end)(void), void *stack)
{
    int (*real)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
                void (*)(void), void *);

    next(&real, "__libc_start_main");
    true_main = program;
    return real(armed_main, argc, argv, init, fini, end, stack);
}
