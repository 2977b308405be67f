#include "base/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

double peak_memory(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss * 1024;
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

const char *human(char *out, uint64_t size, double n, const char *unit)
{
    static const char *const prefix[] = {"", "K", "M", "G", "T"};
    size_t p = 0;

    if (strcmp(unit, "B") != 0) {
        group_thousands(out, size, n);
        if (*unit)
            snprintf(out + strlen(out), size - strlen(out), " %s", unit);
        return out;
    }
    for (; n >= 1000 && p < 4; p++)
        n /= 1000;
    snprintf(out, size, p && n < 100 ? "%.1f %s%s" : "%.0f %s%s", n, prefix[p], unit);
    return out;
}

void progress_start(struct progress *p, const char *label, const char *unit, uint64_t first,
                    uint64_t total, int on)
{
    *p = (struct progress){.label = label, .unit = unit, .total = total, .first = first};
    p->started = now_s();
    p->on = on && isatty(STDERR_FILENO);
}

void progress_show(struct progress *p, uint64_t done, const char *note)
{
    double now, seconds, rate;
    char count[48], speed[48], left[48] = "", share[16] = "";

    if (!p->on)
        return;
    now = now_s();
    if (now - (p->shown > 0 ? p->shown : p->started) < 0.2)
        return;
    p->shown = now;
    seconds = now - p->started;
    rate = (double)(done - p->first) / seconds;
    if (p->total >= done && p->total && rate > 0) {
        double s = ceil((double)(p->total - done) / rate);

        snprintf(left, sizeof left, ", %.0f:%02.0f left", floor(s / 60), fmod(s, 60));
        snprintf(share, sizeof share, " %3.0f %%", 100.0 * (double)done / (double)p->total);
    }
    fprintf(stderr, "\r\033[K%s:%s %s, %s/s%s%s%s", p->label, share,
            human(count, sizeof count, (double)done, p->unit),
            human(speed, sizeof speed, rate, p->unit), left, note ? "  " : "",
            note ? note : "");
    fflush(stderr);
}

void progress_clear(struct progress *p)
{
    if (p->on && p->shown > 0) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        p->shown = 0;
    }
}
