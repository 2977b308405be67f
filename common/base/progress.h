/*
 * progress.h: one line on a terminal that says how much of a long task is done, its rate and
 * the time left.
 *
 * The line is cut to the terminal's width. A terminal has room for one such line, so of
 * several processes, as in a pipeline, one draws and the others are silent until it ends: the
 * one that holds a lock on the terminal. A process in the background draws nothing.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdint.h>

/** {0} prints nothing. One thread at a time may use it. */
struct progress {
    const char *label, *unit; /* borrowed; unit "B" is shown in KB, MB, GB */
    uint64_t total;           /* 0: not known; then no share and no time left is shown */
    uint64_t first;        /* `done` at the start, so that the rate is that of this run alone */
    double started, shown; /* in seconds; shown 0: there is no line on the screen */
    double work, work_first; /* progress_work(); work -1: a unit is as much as another */
    int on;
};

/** Returns the seconds since some fixed moment; they never go back. */
double now_s(void);

/** Returns the largest amount of memory that this process has had, in bytes. */
double peak_memory(void);

/** Returns the bytes of memory that this machine has; UINT64_MAX: it does not say. */
uint64_t machine_memory(void);

/** Write `n` with its unit into out[size] and return out: "1.2 MB", "34,567 tokens". The
 * unit is a plural, which loses its s behind a 1: "1 token". */
const char *human(char *out, uint64_t size, double n, const char *unit);

/** Write a time in its two largest units into out[size] and return out: "12 s", "4 min 5 s",
 * "3 h 20 min", "2 d 4 h". Parts of a second count as a whole one. */
const char *human_time(char *out, uint64_t size, double seconds);

/** Begin. Nothing is printed unless `on` is set and stderr is a terminal. */
void progress_start(struct progress *p, const char *label, const char *unit, uint64_t first,
                    uint64_t total, int on);

/** Where a unit may be more work than another: this share of all work is done. The
 * time left follows from that then. The first call says what was done at the start. */
void progress_work(struct progress *p, double share);

/** Show `done` out of the total at most five times a second, with `note`
 * behind it (may be NULL). */
void progress_show(struct progress *p, uint64_t done, const char *note);

/** Wipe the line, so that other text can be printed. The next
 * progress_show() brings it back. */
void progress_clear(struct progress *p);

/** Wipe the line that another process may have left on the terminal, before a message is
 * printed there. Does nothing if stderr is no terminal, or no other process draws on it. */
void progress_make_room(void);

#endif
