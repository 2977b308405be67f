/* plot_log.h: log.tsv of a run, as far as a picture needs it. Private to this folder. */
#ifndef PLOT_PLOT_LOG_H
#define PLOT_PLOT_LOG_H

#include "plot/plot.h"

/* The columns that a picture needs. NATS is EVAL in the unit of the baseline, where that is
 * another. */
enum column { X, TRAIN, EVAL, BASELINE, NATS, COLUMNS };

/* What a run learned, by the columns of its log. */
enum log_task {
    LOG_TOKENS, /* words: mlm and clm */
    LOG_QA,
    LOG_CLASSIFY,
    LOG_ELECTRA,
    LOG_TASKS /* of several logs: not all the same */
};

struct point {
    double x, y;
};

struct curve {
    struct point *p;
    size_t n, cap;
};

struct log {
    const char *name;
    enum log_task task;
    struct curve train, eval;
    double baseline;            /* the last one in the log; NAN: there is none */
    char set[64];               /* the first evaluation set; only this one is drawn */
    size_t fields, at[COLUMNS]; /* number of columns; where ours are, SIZE_MAX: not read */
    size_t at_set;              /* the column with the set's name; SIZE_MAX: there is none */
    const char *names[COLUMNS];
};

/** Read a log; "-" is standard input. *log is {0} before, and in either case log_free() frees
 * what was read. `name` is borrowed. RF_OK, RF_EIO, RF_EFORMAT (the message has file and line),
 * RF_ERANGE, RF_ENOMEM. */
MUST_CHECK int log_read(struct log *log, char *name, const struct plot_cfg *cfg,
                        struct errbuf *eb);
void log_free(struct log *log);

#endif
