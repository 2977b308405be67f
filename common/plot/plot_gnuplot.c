/* plot_gnuplot.c: runs gnuplot as a child process. A script goes in and a picture comes out,
 * without a shell and without files. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plot/plot.h"

/* The three streams of the child. The script and the complaints lie in memory, so only the
 * picture comes through a pipe, and no two pipes can wait for each other. */
struct streams {
    int script, picture[2], complaints; /* picture: reading end, writing end; -1: closed */
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_streams(struct streams *s)
{
    close_fd(&s->script);
    close_fd(&s->picture[0]);
    close_fd(&s->picture[1]);
    close_fd(&s->complaints);
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t wrote = write(fd, p, n);

        if (wrote < 0 && errno != EINTR)
            return false;
        p += wrote > 0 ? wrote : 0;
        n -= wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

static int open_streams(struct streams *s, const struct buf *script, struct errbuf *eb)
{
    *s = (struct streams){-1, {-1, -1}, -1};
    s->script = memfd_create("script", MFD_CLOEXEC);
    s->complaints = memfd_create("complaints", MFD_CLOEXEC);
    if (s->script < 0 || s->complaints < 0 || pipe2(s->picture, O_CLOEXEC) != 0 ||
        !write_all(s->script, script->data, script->len) || lseek(s->script, 0, SEEK_SET) != 0)
        return err_set(eb, RF_EIO, "cannot prepare to run gnuplot: %s", strerror(errno));
    return RF_OK;
}

static int start_gnuplot(pid_t *child, const struct streams *s, struct errbuf *eb)
{
    static char name[] = "gnuplot", no_init_files[] = "-d";
    static char *const argv[] = {name, no_init_files, NULL};
    posix_spawn_file_actions_t a;
    int error = posix_spawn_file_actions_init(&a);

    if (error)
        return err_nomem(eb);
    error = posix_spawn_file_actions_adddup2(&a, s->script, STDIN_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&a, s->picture[1], STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&a, s->complaints, STDERR_FILENO);
    if (!error)
        error = posix_spawnp(child, name, &a, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&a);
    if (error == ENOENT)
        return err_set(eb, RF_EIO, "cannot run 'gnuplot': it is not installed");
    return error ? err_set(eb, RF_EIO, "cannot run 'gnuplot': %s", strerror(error)) : RF_OK;
}

static int read_picture(struct buf *to, int fd, struct errbuf *eb)
{
    enum { BLOCK = 64 << 10 };

    for (;;) {
        ssize_t n;

        if (buf_reserve(to, BLOCK) != RF_OK)
            return err_nomem(eb);
        n = read(fd, to->data + to->len, BLOCK);
        if (n == 0)
            return RF_OK;
        if (n < 0 && errno != EINTR)
            return err_set(eb, RF_EIO, "cannot read from gnuplot: %s", strerror(errno));
        to->len += n > 0 ? (size_t)n : 0;
        to->data[to->len] = '\0';
    }
}

/* Find the reason of a failure in what gnuplot wrote: after the bad command and a mark below it
 * there is "line 0: reason". */
static void find_complaint(char *to, size_t size, int fd)
{
    char text[4096], *rest = text, *line;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);

    snprintf(to, size, "no reason given");
    text[n > 0 ? n : 0] = '\0';
    while ((line = strsep(&rest, "\n")))
        if ((line = strstr(line, "line 0: "))) {
            snprintf(to, size, "%s", line + strlen("line 0: "));
            return;
        }
}

/* True if the picture is complete. gnuplot does not notice when it cannot write. */
static bool is_whole(const char *picture, size_t n, enum plot_format format)
{
    static const struct {
        const char *text;
        size_t len;
    } last[] = {[PLOT_SVG] = {"</svg>\n\n", 8},
                [PLOT_PNG] = {"IEND\xAE\x42\x60\x82", 8}}; /* the last chunk's name and sum */

    return n >= last[format].len &&
           memcmp(picture + n - last[format].len, last[format].text, last[format].len) == 0;
}

static int wait_for_gnuplot(pid_t child, int complaints, struct errbuf *eb)
{
    char why[256];
    int status;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return err_set(eb, RF_EIO, "cannot wait for gnuplot: %s", strerror(errno));
    if (WIFSIGNALED(status))
        return err_set(eb, RF_EIO, "gnuplot was killed by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) == 0)
        return RF_OK;
    find_complaint(why, sizeof why, complaints);
    return err_set(eb, RF_EIO, "gnuplot failed: %s", why);
}

int plot_draw(struct buf *picture, const struct buf *script, enum plot_format format,
              struct errbuf *eb)
{
    size_t before = picture->len;
    struct streams s;
    pid_t child;
    int rc = open_streams(&s, script, eb);

    if (rc == RF_OK && (rc = start_gnuplot(&child, &s, eb)) == RF_OK) {
        int ended;

        close_fd(&s.picture[1]); /* else the end of the picture would never come */
        rc = read_picture(picture, s.picture[0], eb);
        close_fd(&s.picture[0]);
        ended = wait_for_gnuplot(child, s.complaints, rc == RF_OK ? eb : NULL);
        rc = rc == RF_OK ? ended : rc;
    }
    if (rc == RF_OK && !is_whole(picture->data + before, picture->len - before, format))
        rc = err_set(eb, RF_EIO, "gnuplot gave no whole picture");
    close_streams(&s);
    return rc;
}
