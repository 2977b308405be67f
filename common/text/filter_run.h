/* filter_run.h: a filter with the files it reads and writes beside the text. */
#ifndef TEXT_FILTER_RUN_H
#define TEXT_FILTER_RUN_H

#include "text/filter.h"

/** Names of files; NULL: none, and of the first standard output. */
struct filter_files {
    const char *output;         /* the text that is left */
    const char *signatures_out; /* or its signatures, for later parts of it */
    const char *after;          /* the signatures of its earlier parts, one after the other */
    const char *not_in;         /* the text with which it may not overlap */
    const char *report;         /* the table of counts */
};

/**
 * Filter the text of `l`, which was opened with *text. *totals is overwritten. RF_OK;
 * RF_EUSAGE: the files or options do not go together; or the errors of filter_text(),
 * filter_after() and filter_not_in().
 */
MUST_CHECK int filter_run(const struct filter_cfg *cfg, const struct filter_files *files,
                          const struct text_cfg *text, struct lines *l,
                          struct filter_totals *totals, struct progress *progress,
                          struct errbuf *eb);

/** RF_OK, or RF_EUSAGE: what filter_run() refuses, before anything is read. */
MUST_CHECK int filter_check(const struct filter_cfg *cfg, const struct filter_files *files,
                            struct errbuf *eb);

#endif
