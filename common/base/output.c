/* output.c: files that appear whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

struct output {
    char *name, *tmp; /* tmp NULL: the file is written directly */
    FILE *file;
};

static int fail(struct output *o, int rc, struct errbuf *eb, const char *what)
{
    rc = err_set(eb, rc, "cannot %s '%s': %s", what, o->name, strerror(errno));
    output_abort(o);
    return rc;
}

/* Lock the file, so that no second process writes the same name. Afterwards the file must still
 * have its name: the process that wrote it before may have renamed it after we opened it, and
 * then we would truncate its finished file. */
static bool lock_tmp(int fd, const char *name)
{
    struct stat ours, named;

    return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &ours) == 0 &&
           stat(name, &named) == 0 && ours.st_ino == named.st_ino &&
           ours.st_dev == named.st_dev;
}

/* The file is truncated after it is locked. O_TRUNC would do it before
 * and hurt another writer. */
static int open_tmp(struct output *o, struct errbuf *eb)
{
    int fd;

    if (!(o->tmp = malloc(strlen(o->name) + 5))) {
        output_abort(o);
        return err_nomem(eb);
    }
    snprintf(o->tmp, strlen(o->name) + 5, "%s.tmp", o->name);
    fd = open(o->tmp, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0) {
        free(o->tmp);
        o->tmp = NULL;
        return fail(o, RF_EIO, eb, "create");
    }
    if (!lock_tmp(fd, o->tmp)) {
        int rc =
            err_set(eb, RF_EIO, "cannot write '%s': another process is writing it", o->name);

        close(fd);
        free(o->tmp); /* this file belongs to the other process: do not remove it */
        o->tmp = NULL;
        output_abort(o);
        return rc;
    }
    if (ftruncate(fd, 0) != 0 || !(o->file = fdopen(fd, "wb"))) {
        close(fd);
        return fail(o, RF_EIO, eb, "create");
    }
    return RF_OK;
}

/* If the name is a link, write the file behind it, because renaming would replace the link
 * (/dev/stdout is one). A link to nothing is refused, because realpath() cannot say in which
 * folder its file would lie. */
static int follow_link(struct output *o, struct errbuf *eb)
{
    struct stat st;
    char *target;

    if (lstat(o->name, &st) != 0 || !S_ISLNK(st.st_mode))
        return RF_OK;
    if (!(target = realpath(o->name, NULL)))
        return fail(o, RF_EIO, eb, "follow the link");
    free(o->name);
    o->name = target;
    return RF_OK;
}

int output_open(struct output **out, const char *name, enum output_mode mode, struct errbuf *eb)
{
    int is_stdout = !name || strcmp(name, "-") == 0, rc;
    struct output *o = calloc(1, sizeof *o);
    struct stat st;

    if (!o || !(o->name = strdup(is_stdout ? "standard output" : name))) {
        free(o);
        return err_nomem(eb);
    }
    if (is_stdout) {
        if (mode == OUTPUT_BINARY && isatty(STDOUT_FILENO)) {
            output_abort(o);
            return err_set(eb, RF_EUSAGE,
                           "refusing to write binary data to a terminal (use -o or a pipe)");
        }
        o->file = stdout;
    } else if (stat(name, &st) == 0 && !S_ISREG(st.st_mode)) {
        if (!(o->file = fopen(name, "wb")))
            return fail(o, RF_EIO, eb, "write");
    } else if ((rc = follow_link(o, eb)) != RF_OK || (rc = open_tmp(o, eb)) != RF_OK) {
        return rc;
    }
    *out = o;
    return RF_OK;
}

FILE *output_file(struct output *o)
{
    return o->file;
}

int sync_folder_of(const char *path, struct errbuf *eb)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int fd, rc = RF_OK;

    if (!folder)
        return err_nomem(eb);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems cannot sync a folder (EINVAL); then there is nothing to wait for. */
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        rc = err_set(eb, RF_EIO, "cannot sync folder '%s': %s", folder, strerror(errno));
    if (fd >= 0)
        close(fd);
    free(folder);
    return rc;
}

int output_settle(struct output *o, struct errbuf *eb)
{
    if (fflush(o->file) != 0 || ferror(o->file))
        return err_set(eb, RF_EIO, "cannot write '%s': %s", o->name, strerror(errno));
    if (o->tmp && fsync(fileno(o->file)) != 0)
        return err_set(eb, RF_EIO, "cannot sync '%s': %s", o->name, strerror(errno));
    return RF_OK;
}

int output_commit(struct output *o, struct errbuf *eb)
{
    int rc = output_settle(o, eb);

    if (rc != RF_OK) {
        output_abort(o);
        return rc;
    }
    if (o->tmp) {
        if (rename(o->tmp, o->name) != 0)
            return fail(o, RF_EIO, eb, "rename to");
        free(o->tmp);
        o->tmp = NULL;
        rc = sync_folder_of(o->name, eb);
        output_abort(o);
        return rc;
    }
    output_abort(o);
    return RF_OK;
}

void output_abort(struct output *o)
{
    if (!o)
        return;
    if (o->tmp)
        unlink(o->tmp); /* the lock is still held, so this is no other process's file */
    if (o->file && o->file != stdout)
        fclose(o->file);
    free(o->tmp);
    free(o->name);
    free(o);
}

int output_end(struct output *o, int rc, struct errbuf *eb)
{
    if (rc == RF_OK)
        return output_commit(o, eb);
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
