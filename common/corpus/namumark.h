/*
 * namumark.h: the text of a Namuwiki page without its markup.
 *
 * Links keep their text, styles and foldings their content; files, categories, macros,
 * footnotes, comments and program text go. What is not closed on its line ({{{: on its page) is
 * text.
 */
#ifndef CORPUS_NAMUMARK_H
#define CORPUS_NAMUMARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/** Names for table rows of type OPT_CHOICE, in the order of the enums. */
enum namumark_tables { NAMUMARK_DROP_TABLES, NAMUMARK_KEEP_CELLS };
extern const char *const namumark_tables_names[];
enum namumark_strike { NAMUMARK_DROP_STRIKE, NAMUMARK_KEEP_STRIKE };
extern const char *const namumark_strike_names[];

struct namumark_cfg {
    int tables; /* a namumark_tables: a table with more than one cell a row goes, or each of its
                   rows is a line, tabs between the cells. Of a box (rows of one cell) the lines
                   stay. */
    int strike; /* a namumark_strike: what ~~ or -- strike out */
};

/** What went, over all pages; files: and categories. */
struct namumark_counts {
    uint64_t rows, notes, files, macros, code, struck, comments;
};

enum {
    NAMUMARK_MAX_NEST = 24
}; /* blocks inside each other; what lies deeper is taken as text */

struct namumark;

/** RF_OK with *m, to be given to namumark_free(), or RF_ENOMEM. */
MUST_CHECK int namumark_new(struct namumark **m, const struct namumark_cfg *cfg);

/** Is the page only a redirect to another one? */
bool namumark_is_redirect(const char *text, size_t n);

/**
 * Append the text of a page (UTF-8, below 4 GiB) to `to`, a paragraph, item or heading a line,
 * each ended by LF, white space as plain_put() has it. Time and memory are linear in n. RF_OK
 * or RF_ENOMEM.
 */
MUST_CHECK int namumark_plain(struct namumark *m, struct buf *to, const char *text, size_t n);

/** Lives as long as m. */
const struct namumark_counts *namumark_counts(const struct namumark *m);

/** Free; NULL is fine. */
void namumark_free(struct namumark *m);

#endif
