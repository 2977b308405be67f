/* plot.h: draws the curves of runs, log.tsv of rf-log(5), as a picture by gnuplot. */
#ifndef PLOT_PLOT_H
#define PLOT_PLOT_H

#include "base/buf.h"

enum plot_what {
    PLOT_LOSS,
    PLOT_PERPLEXITY,
    PLOT_BITS,
    PLOT_LR,
    PLOT_ELECTRA,  /* the losses of generator and discriminator, each with an axis of its own */
    PLOT_REPLACED, /* precision and recall of the discriminator */
    PLOT_SCORE     /* what a task is judged by: exact match and F1, or accuracy and macro F1 */
};
enum plot_by { PLOT_STEP, PLOT_TOKENS, PLOT_SECONDS, PLOT_EPOCH };
enum plot_format { PLOT_SVG, PLOT_PNG };

/** The names of these for a table row of type OPT_CHOICE, with NULL at the end. */
extern const char *const plot_what_names[];
extern const char *const plot_by_names[];

enum { PLOT_LOGS_MAX = 64, PLOT_POINTS_MAX = 1800 };

struct plot_cfg {
    int what, by, format;
};

/**
 * Read n logs (1 to PLOT_LOGS_MAX; "-" is standard input) and append a gnuplot script that
 * draws them. The script contains the data; it is read from standard input and writes to
 * standard output. A curve of more than PLOT_POINTS_MAX points is drawn as means of equally
 * many points. RF_OK, RF_EIO, RF_EFORMAT (the message has file and line), RF_ERANGE, RF_ENOMEM.
 */
MUST_CHECK int plot_script(struct buf *to, const struct plot_cfg *cfg, char *const *names,
                           int n, struct errbuf *eb);

/**
 * Run gnuplot on a script and append the picture. RF_OK; RF_EIO (gnuplot is not installed, or
 * it failed: the message has its reason), RF_ENOMEM.
 */
MUST_CHECK int plot_draw(struct buf *picture, const struct buf *script, enum plot_format format,
                         struct errbuf *eb);

#endif
