#include "base/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/words.h"

double peak_memory(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss * 1024;
}

uint64_t machine_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

    return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : UINT64_MAX;
}

double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void group_thousands(char *out, uint64_t size, double n)
{
    char plain[32];
    int len = snprintf(plain, sizeof plain, "%.0f", n);
    uint64_t at = 0;

    for (int i = 0; i < len && at + 2 < size; i++) {
        if (i && (len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = plain[i];
    }
    out[at] = '\0';
}

/* Returns how many bytes of the unit to print: all of them, or behind a 1 those before the s of
 * the plural. The s of a rate, "tokens/s", is none. */
static int one_of(const char *unit, bool is_one)
{
    size_t n = strlen(unit);

    return (int)(is_one && n && unit[n - 1] == 's' && !strchr(unit, '/') ? n - 1 : n);
}

const char *human(char *out, uint64_t size, double n, const char *unit)
{
    static const char *const prefix[] = {"", "K", "M", "G", "T"};
    size_t p = 0, at;

    if (strcmp(unit, "B") != 0) {
        group_thousands(out, size, n);
        at = strlen(out);
        if (*unit)
            snprintf(out + at, size - at, " %.*s", one_of(unit, strcmp(out, "1") == 0), unit);
        return out;
    }
    for (; n >= 1000 && p < 4; p++)
        n /= 1000;
    snprintf(out, size, p && n < 100 ? "%.1f %s%s" : "%.0f %s%s", n, prefix[p], unit);
    return out;
}

const char *human_time(char *out, uint64_t size, double seconds)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
    size_t last = sizeof units / sizeof *units - 1, u = 0;
    double rest = ceil(seconds), n;

    while (u < last && rest < units[u].seconds)
        u++;
    n = floor(rest / units[u].seconds);
    rest -= n * units[u].seconds;
    if (u == last)
        snprintf(out, size, "%.0f s", n);
    else
        snprintf(out, size, "%.0f %s %.0f %s", n, units[u].name,
                 floor(rest / units[u + 1].seconds), units[u + 1].name);
    return out;
}

void progress_start(struct progress *p, const char *label, const char *unit, uint64_t first,
                    uint64_t total, int on)
{
    *p = (struct progress){
        .label = label, .unit = unit, .total = total, .first = first, .work = -1};
    p->started = now_s();
    p->on = on && isatty(STDERR_FILENO);
}

/* A lock of a process on the terminal itself. It ends with the process, however that ends. One
 * on an open file, flock(), would not do: the processes of a pipeline share their stderr. */
static struct flock lock_of(short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
}

/* True if this process may draw. A shell that knows no jobs leaves every process in front. */
static bool may_draw(void)
{
    pid_t front = tcgetpgrp(STDERR_FILENO);
    bool behind = front > 0 && front != getpgrp();
    struct flock lock = lock_of(behind ? F_UNLCK : F_WRLCK);

    if (fcntl(STDERR_FILENO, F_SETLK, &lock) == 0)
        return !behind;
    return !behind && errno != EACCES && errno != EAGAIN; /* a terminal that has no locks */
}

void progress_make_room(void)
{
    struct flock lock = lock_of(F_WRLCK);

    if (isatty(STDERR_FILENO) && fcntl(STDERR_FILENO, F_GETLK, &lock) == 0 &&
        lock.l_type != F_UNLCK)
        fputs("\r\033[K", stderr);
}

/* Returns the columns that a line may take: one less than there are, as some terminals start a
 * new line when the last one is filled. */
static size_t line_columns(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col - 1u : 79;
}

void progress_work(struct progress *p, double share)
{
    if (p->work < 0)
        p->work_first = share;
    p->work = share;
}

/* Seconds until all is done, at the rate of this run. */
static double seconds_left(const struct progress *p, uint64_t done, double seconds)
{
    if (p->work > p->work_first)
        return (1 - p->work) / (p->work - p->work_first) * seconds;
    return (double)(p->total - done) / (double)(done - p->first) * seconds;
}

static void draw(const struct progress *p, uint64_t done, double seconds, const char *note)
{
    char line[512], count[48], speed[48], span[48], left[64] = "", share[16] = "";
    double rate = (double)(done - p->first) / seconds;

    if (p->total >= done && p->total && rate > 0) {
        human_time(span, sizeof span, seconds_left(p, done, seconds));
        snprintf(left, sizeof left, ", %s left", span);
        snprintf(share, sizeof share, " %3.0f %%", 100.0 * (double)done / (double)p->total);
    }
    snprintf(line, sizeof line, "%s:%s %s, %s/s%s%s%s", p->label, share,
             human(count, sizeof count, (double)done, p->unit),
             human(speed, sizeof speed, rate, p->unit), left, note ? "  " : "",
             note ? note : "");
    fprintf(stderr, "\r\033[K%.*s", (int)text_fit(line, line_columns()), line);
    fflush(stderr);
}

void progress_show(struct progress *p, uint64_t done, const char *note)
{
    /* A process that knows the whole says more than one that does not, so it is let go first.
     */
    const double pause = 0.2, first_pause = p->total ? pause : 1;
    double now;

    if (!p->on)
        return;
    now = now_s();
    if (now - (p->shown > 0 ? p->shown : p->started) < (p->shown > 0 ? pause : first_pause) ||
        !may_draw())
        return;
    p->shown = now;
    draw(p, done, now - p->started, note);
}

void progress_clear(struct progress *p)
{
    if (p->on && p->shown > 0) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        p->shown = 0;
    }
}
