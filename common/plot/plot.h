/* plot.h: the curves of runs as a picture: log.tsv, rf-log(5), drawn by gnuplot. */
#ifndef PLOT_PLOT_H
#define PLOT_PLOT_H

#include "base/buf.h"

enum plot_what { PLOT_LOSS, PLOT_PERPLEXITY, PLOT_LR };
enum plot_by { PLOT_STEP, PLOT_TOKENS, PLOT_SECONDS };
enum plot_format { PLOT_SVG, PLOT_PNG };

/** Names of the above for a table row of type OPT_CHOICE, NULL last. */
extern const char *const plot_what_names[];
extern const char *const plot_by_names[];

enum { PLOT_LOGS_MAX = 64, PLOT_POINTS_MAX = 1800 };

struct plot_cfg {
    int what, by, format;
};

/**
 * Read n logs (1 to PLOT_LOGS_MAX; "-" is standard input) and append the gnuplot script that
 * draws them, data and all, to be run from standard input to standard output. A curve of more
 * than PLOT_POINTS_MAX points is drawn as the means of equally many each.
 * RF_OK, RF_EIO, RF_EFORMAT (the message has file and line), RF_ERANGE, RF_ENOMEM.
 */
MUST_CHECK int plot_script(struct buf *to, const struct plot_cfg *cfg, char *const *names,
                           int n, struct errbuf *eb);

/**
 * Run gnuplot on a script and append the picture. RF_OK; RF_EIO (it is not installed, or it
 * failed: its first line is in the message), RF_ENOMEM.
 */
MUST_CHECK int plot_draw(struct buf *picture, const struct buf *script, enum plot_format format,
                         struct errbuf *eb);

#endif
