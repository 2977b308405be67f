/* temp.c: temporary files for what does not fit into memory. They
 * vanish when they are closed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

/* Append the name of the folder for the temporary file. */
static int put_folder(struct buf *to, const char *near)
{
    const char *slash = near ? strrchr(near, '/') : NULL, *tmp = getenv("TMPDIR");

    if (slash)
        return buf_put(to, near, (size_t)(slash - near) + 1);
    return buf_printf(to, "%s", near ? "." : tmp && *tmp ? tmp : "/tmp");
}

/* Open a file without a name. If the file system cannot do that, the file gets a
 * name and loses it at once. */
static int open_nameless(struct buf *folder)
{
    int fd = TEMP_FAILURE_RETRY(open(folder->data, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));

    if (fd < 0 && buf_printf(folder, "/reformer-XXXXXX") == RF_OK &&
        (fd = TEMP_FAILURE_RETRY(mkostemp(folder->data, O_CLOEXEC))) >= 0)
        unlink(folder->data);
    return fd;
}

int temp_open(FILE **file, const char *near, struct errbuf *eb)
{
    struct buf folder = {0};
    int fd, rc = RF_OK;
    size_t len;

    if (put_folder(&folder, near) != RF_OK) {
        buf_free(&folder);
        return err_nomem(eb);
    }
    len = folder.len;
    fd = open_nameless(&folder);
    if (fd < 0 || !(*file = fdopen(fd, "w+b"))) {
        rc = err_set(eb, RF_EIO, "cannot create a temporary file in '%.*s': %s", (int)len,
                     folder.data, strerror(errno));
        if (fd >= 0)
            close(fd);
    }
    buf_free(&folder);
    return rc;
}
