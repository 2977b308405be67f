/* progress.h: one line on a terminal that says how far a long work is, its rate and the time
 * left.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdint.h>

/** {0} is silent. Not for concurrent use. */
struct progress {
    const char *label, *unit; /* borrowed; unit "B" is shown in KB, MB, GB */
    uint64_t total;           /* 0: not known, then no share and no time left */
    uint64_t first;           /* `done` at the start, for a rate of this run alone */
    double started, shown;    /* seconds; shown 0: nothing on the screen */
    int on;
};

/** Seconds since some fixed moment, monotonic. */
double now_s(void);

/** The most memory this process had, in bytes. */
double peak_memory(void);

/** Write `n` with unit and a rate's sense of size: "1.2 MB", "34,567 tokens"; returns out. */
const char *human(char *out, uint64_t size, double n, const char *unit);

/** Begin; silent unless `on` and stderr is a terminal. */
void progress_start(struct progress *p, const char *label, const char *unit, uint64_t first,
                    uint64_t total, int on);

/** Show `done` of the total, with `note` (may be NULL) behind it, at most five times a second.
 */
void progress_show(struct progress *p, uint64_t done, const char *note);

/** Wipe the line, so that other text can be printed; progress_show() brings it back. */
void progress_clear(struct progress *p);

#endif
