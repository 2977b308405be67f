#include "base/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

int standard_fill(struct errbuf *eb)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* what is read cannot be read from it, nor can what is written be written to it */
        int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        if (TEMP_FAILURE_RETRY(open("/dev/null", flags)) != fd)
            return err_set(eb, RF_EIO,
                           "descriptor %d is closed, and '/dev/null' cannot be opened: %s", fd,
                           strerror(errno));
    }
    return RF_OK;
}

int standard_end(struct errbuf *eb)
{
    bool failed = ferror(stdout);

    errno = 0;               /* the reason of an earlier failed write is not known any more */
    if (fclose(stdout) != 0) /* this finds errors that fflush() does not */
        failed = true;
    if (!failed)
        return RF_OK;
    return err_set(eb, RF_EIO, "cannot write 'standard output'%s%s", errno ? ": " : "",
                   errno ? strerror(errno) : "");
}
