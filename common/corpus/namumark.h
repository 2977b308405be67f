/*
 * namumark.h: the text of a Namuwiki page without its markup.
 *
 * Of links the text stays, of styles and foldings the content. Files, categories, macros,
 * footnotes, comments and program text are removed. Markup that is not closed on its line ({{{:
 * on its page) is text.
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
    int tables; /* a namumark_tables: a table with more than one cell in a row is removed, or
                   each of its rows becomes a line with tabs between the cells. The lines of a
                   box (rows of one cell) stay */
    int strike; /* a namumark_strike: what to do with text struck out by ~~ or -- */
};

/** What was removed from all pages. `files` also counts categories. */
struct namumark_counts {
    uint64_t rows, notes, files, macros, code, struck, comments;
};

enum {
    NAMUMARK_MAX_NEST = 24
}; /* how deep blocks may be nested; deeper ones are taken as text */

struct namumark;

/** RF_OK with *m, which namumark_free() takes back, or RF_ENOMEM. */
MUST_CHECK int namumark_new(struct namumark **m, const struct namumark_cfg *cfg);

/** True if the page is only a redirect to another one. */
bool namumark_is_redirect(const char *text, size_t n);

/**
 * Append the text of a page (UTF-8, below 4 GiB) to `to`: each paragraph, item or heading is a
 * line ended by LF, with white space as plain_put() writes it. Time and memory are linear in n.
 * RF_OK or RF_ENOMEM.
 */
MUST_CHECK int namumark_plain(struct namumark *m, struct buf *to, const char *text, size_t n);

/** Returns the counts, which live as long as m. */
const struct namumark_counts *namumark_counts(const struct namumark *m);

/** Free; NULL is fine. */
void namumark_free(struct namumark *m);

#endif
