/* output.c: files that appear whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

struct output {
    char *name, *tmp; /* tmp NULL: the file is written directly */
    int fd;
    int error; /* errno of the first write that failed; 0: none did */
    FILE *file;
};

/* --- the stream: it writes to `fd`, goes on after interruptions and remembers an error, which
 * stdio would forget before output_commit() can say it */

static ssize_t write_some(int fd, const char *p, size_t n)
{
    struct pollfd room = {fd, POLLOUT, 0};
    ssize_t got;

    while ((got = write(fd, p, n)) < 0 && (errno == EINTR || errno == EAGAIN))
        if (errno == EAGAIN) /* somebody made the pipe non-blocking */
            (void)poll(&room, 1, -1);
    return got;
}

static ssize_t stream_write(void *self, const char *p, size_t n)
{
    struct output *o = self;
    size_t done = 0;

    while (done < n) {
        ssize_t got = write_some(o->fd, p + done, n - done);

        if (got <= 0) {
            if (!o->error)
                o->error = got ? errno : EIO;
            break;
        }
        done += (size_t)got;
    }
    return (ssize_t)done; /* stdio takes fewer than n for an error */
}

/* A file that was opened to be appended to is written at its end, wherever one seeks. */
static int stream_seek(void *self, off64_t *at, int whence)
{
    const struct output *o = self;
    int flags = fcntl(o->fd, F_GETFL);
    off64_t now;

    if (flags >= 0 && flags & O_APPEND)
        errno = ESPIPE;
    if (flags < 0 || flags & O_APPEND || (now = lseek64(o->fd, *at, whence)) < 0)
        return -1;
    *at = now;
    return 0;
}

static int open_stream(struct output *o, struct errbuf *eb)
{
    static const cookie_io_functions_t calls = {.write = stream_write, .seek = stream_seek};

    if (!(o->file = fopencookie(o, "wb", calls))) {
        output_abort(o);
        return err_nomem(eb);
    }
    if (isatty(o->fd))
        (void)setvbuf(o->file, NULL, _IOLBF, 0);
    return RF_OK;
}

/* --- opening */

static int fail(struct output *o, int rc, struct errbuf *eb, const char *what)
{
    rc = err_set(eb, rc, "cannot %s '%s': %s", what, o->name, strerror(errno));
    output_abort(o);
    return rc;
}

/* What is said of NAME.tmp must not end in its removal: it is not ours. */
static int not_ours(struct output *o, struct errbuf *eb, const char *why)
{
    int rc = err_set(eb, RF_EIO, "cannot write '%s': %s", o->name, why);

    free(o->tmp);
    o->tmp = NULL;
    output_abort(o);
    return rc;
}

static int busy(struct output *o, struct errbuf *eb)
{
    return not_ours(o, eb, "another process is writing it");
}

/* Is `fd` the file that is called `name` now? Returns 1 or 0, or -1 if that cannot be told. */
static int has_name(int fd, const char *name)
{
    struct stat ours, named;

    if (fstat(fd, &ours) != 0)
        return -1;
    if (lstat(name, &named) != 0)
        return errno == ENOENT ? 0 : -1;
    return ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

/* Returns false if another process holds the lock. Where there are no locks, as on some network
 * file systems, nobody holds one. */
static bool lock(int fd)
{
    return TEMP_FAILURE_RETRY(flock(fd, LOCK_EX | LOCK_NB)) == 0 || errno != EWOULDBLOCK;
}

static int in_the_way(struct output *o, struct errbuf *eb)
{
    char why[sizeof eb->text];

    snprintf(why, sizeof why, "'%s' is in the way, and not left by a killed run", o->tmp);
    return not_ours(o, eb, why);
}

/* There is a NAME.tmp. Remove what a killed run left: a plain file that no process locks. It is
 * not written to, because its bytes, owner and mode are whoever's put it there. */
static int remove_left(struct output *o, struct errbuf *eb)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, rc = RF_OK;
    struct stat st;
    int fd;

    if (lstat(o->tmp, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_nlink != 1))
        return in_the_way(o, eb);
    fd = TEMP_FAILURE_RETRY(open(o->tmp, flags));
    if (fd < 0)
        return errno == ENOENT ? busy(o, eb) : in_the_way(o, eb);
    if (!lock(fd) || has_name(fd, o->tmp) == 0)
        rc = busy(o, eb);
    else if (unlink(o->tmp) != 0)
        rc = in_the_way(o, eb);
    close(fd);
    return rc;
}

/* Make NAME.tmp as a new file with the mode of the file that it will replace. */
static int make_tmp(struct output *o)
{
    struct stat old;
    bool replaces = stat(o->name, &old) == 0;
    mode_t mode = replaces ? old.st_mode & 0777 : 0666;
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    struct stat st;

    if (!replaces && errno != ENOENT) /* its mode is not known */
        return -1;
    o->fd = TEMP_FAILURE_RETRY(open(o->tmp, flags, mode));
    if (o->fd < 0)
        return -1;
    if (!replaces || (fstat(o->fd, &st) == 0 && (st.st_mode & 0777) == mode))
        return 0;
    return fchmod(o->fd, mode);
}

static int open_tmp(struct output *o, struct errbuf *eb)
{
    int rc;

    if (asprintf(&o->tmp, "%s.tmp", o->name) < 0) {
        o->tmp = NULL;
        output_abort(o);
        return err_nomem(eb);
    }
    if ((rc = make_tmp(o)) != 0 && o->fd < 0 && errno == EEXIST) {
        if ((rc = remove_left(o, eb)) != RF_OK)
            return rc;
        if ((rc = make_tmp(o)) != 0 && o->fd < 0 && errno == EEXIST)
            return busy(o, eb);
    }
    if (rc != 0 && o->fd < 0) { /* there is nothing to remove */
        free(o->tmp);
        o->tmp = NULL;
    }
    if (rc != 0)
        return fail(o, RF_EIO, eb, o->fd < 0 ? "create" : "set the mode of");
    if (!lock(o->fd) || (rc = has_name(o->fd, o->tmp)) == 0)
        return busy(o, eb); /* which took our file for one of a killed run */
    return rc < 0 ? fail(o, RF_EIO, eb, "create") : open_stream(o, eb);
}

/* If the name is a link, write the file behind it, because renaming would replace the link
 * (/dev/stdout is one). A link to nothing is refused, because realpath() cannot say in which
 * folder its file would lie. */
static int follow_link(struct output *o, struct errbuf *eb)
{
    struct stat st;
    char *target;

    if (lstat(o->name, &st) != 0)
        return errno == ENOENT ? RF_OK : fail(o, RF_EIO, eb, "create");
    if (!S_ISLNK(st.st_mode))
        return RF_OK;
    if (!(target = realpath(o->name, NULL)))
        return fail(o, RF_EIO, eb, "follow the link");
    free(o->name);
    o->name = target;
    return RF_OK;
}

static int open_named(struct output *o, struct errbuf *eb)
{
    struct stat st;
    bool there = stat(o->name, &st) == 0;
    int rc;

    if (!there && errno != ENOENT)
        return fail(o, RF_EIO, eb, "create");
    if (there && !S_ISREG(st.st_mode)) {
        o->fd = TEMP_FAILURE_RETRY(open(o->name, O_WRONLY | O_CLOEXEC | O_NOCTTY));
        return o->fd < 0 ? fail(o, RF_EIO, eb, "write") : open_stream(o, eb);
    }
    rc = follow_link(o, eb);
    return rc == RF_OK ? open_tmp(o, eb) : rc;
}

int output_open(struct output **out, const char *name, enum output_mode mode, struct errbuf *eb)
{
    bool is_stdout = !name || strcmp(name, "-") == 0;
    struct output *o = calloc(1, sizeof *o);
    int rc;

    if (!o || !(o->name = strdup(is_stdout ? "standard output" : name))) {
        free(o);
        return err_nomem(eb);
    }
    o->fd = is_stdout ? STDOUT_FILENO : -1;
    if (!*o->name) {
        rc = err_set(eb, RF_EIO, "cannot write '': the name is empty");
        output_abort(o);
    } else if (is_stdout && mode == OUTPUT_BINARY && isatty(STDOUT_FILENO)) {
        rc = err_set(eb, RF_EUSAGE,
                     "refusing to write binary data to a terminal (use -o or a pipe)");
        output_abort(o);
    } else {
        rc = is_stdout ? open_stream(o, eb) : open_named(o, eb);
    }
    if (rc == RF_OK)
        *out = o;
    return rc;
}

FILE *output_file(struct output *o)
{
    return o->file;
}

bool output_is_terminal(const struct output *o)
{
    return isatty(o->fd);
}

int sync_folder_of(const char *path, struct errbuf *eb)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int fd, rc = RF_OK;

    if (!folder)
        return err_nomem(eb);
    fd = TEMP_FAILURE_RETRY(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    /* Some file systems cannot sync a folder (EINVAL); then there is nothing to wait for. */
    if (fd < 0 || (TEMP_FAILURE_RETRY(fsync(fd)) != 0 && errno != EINVAL))
        rc = err_set(eb, RF_EIO, "cannot sync folder '%s': %s", folder, strerror(errno));
    if (fd >= 0)
        close(fd);
    free(folder);
    return rc;
}

static int write_error(const struct output *o, struct errbuf *eb)
{
    return err_set(eb, RF_EIO, "cannot write '%s': %s", o->name, strerror(o->error));
}

int output_settle(struct output *o, struct errbuf *eb)
{
    errno = EIO;
    if ((fflush(o->file) != 0 || ferror(o->file)) && !o->error)
        o->error = errno;
    if (o->error)
        return write_error(o, eb);
    if (o->tmp && TEMP_FAILURE_RETRY(fsync(o->fd)) != 0)
        return err_set(eb, RF_EIO, "cannot sync '%s': %s", o->name, strerror(errno));
    return RF_OK;
}

int output_commit(struct output *o, struct errbuf *eb)
{
    int rc = output_settle(o, eb), named;

    if (rc == RF_OK && o->tmp) {
        if ((named = has_name(o->fd, o->tmp)) == 0)
            return busy(o, eb); /* there are no locks here, and it removed our file */
        if (named < 0 || rename(o->tmp, o->name) != 0)
            return fail(o, RF_EIO, eb, "rename to");
        free(o->tmp);
        o->tmp = NULL;
        rc = sync_folder_of(o->name, eb);
    }
    output_abort(o);
    return rc;
}

void output_abort(struct output *o)
{
    if (!o)
        return;
    if (o->tmp)
        unlink(o->tmp); /* the lock is still held, so this is no other process's file */
    if (o->file)
        fclose(o->file);
    if (o->fd > STDOUT_FILENO)
        close(o->fd);
    free(o->tmp);
    free(o->name);
    free(o);
}

int output_end(struct output *o, int rc, struct errbuf *eb)
{
    if (rc == RF_OK)
        return output_commit(o, eb);
    if (o && o->error) /* whoever had only the stream could not say which file it is */
        rc = write_error(o, eb);
    output_abort(o);
    return rc;
}

int output_write(const char *name, enum output_mode mode, const char *data, size_t n,
                 struct errbuf *eb)
{
    struct output *o;
    int rc = output_open(&o, name, mode, eb);

    if (rc != RF_OK)
        return rc;
    fwrite(data, 1, n, output_file(o)); /* output_commit() finds a failed write */
    return output_commit(o, eb);
}

char *path_join(const char *folder, const char *name)
{
    char *path;

    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}
