/*
 * filter.h: leave documents and lines out of a text: what was there before, what is too short
 * or too long, what is of another script, and what a test text must not share with training.
 *
 * A document is its lines up to a blank one. White space never counts: texts are compared, and
 * characters counted, without it. A title is kept or left out with its document and counts for
 * nothing else.
 */
#ifndef TEXT_FILTER_H
#define TEXT_FILTER_H

#include <stdbool.h>

#include "base/io.h"
#include "base/progress.h"

enum overlap { OVERLAP_DOCUMENT, OVERLAP_LINE };

/** For a table row of type OPT_CHOICE: "document", "line". */
extern const char *const overlap_names[];

struct filter_cfg {
    bool titles;              /* the first line of a document is its title */
    bool lines;               /* each line is a document of its own, without a title */
    bool dup_docs, dup_lines; /* leave out what was there before */
    double near;              /* and documents alike by this much or more; 0: none */
    uint64_t shingle;         /* characters */
    uint64_t min_line, max_line, min_doc, max_doc; /* characters; max 0: no limit */
    double min_hangul, min_latin;                  /* of a document's characters */
    uint64_t window; /* characters that a text may not share with filter_not_in()'s */
    int overlap;     /* what is left out then */
    uint64_t memory; /* bytes, for all that must be remembered */
};
#define FILTER_CFG_DEFAULT                                                                     \
    (struct filter_cfg)                                                                        \
    {                                                                                          \
        .titles = true, .dup_docs = true, .near = 0.8, .shingle = 8, .window = 40,             \
        .memory = UINT64_C(1) << 30                                                            \
    }

/** What becomes of a document or a line. */
enum fate {
    FATE_WRITTEN,
    FATE_DUPLICATE, /* equal to an earlier one */
    FATE_NEAR,      /* alike */
    FATE_OVERLAP,   /* with the text of filter_not_in() */
    FATE_SHORT,
    FATE_LONG,
    FATE_HANGUL, /* too little of it */
    FATE_LATIN,
    FATE_EMPTY, /* a document of which no line is left; a line of a document left out */
    FATES
};

struct filter_totals {
    uint64_t documents[FATES], lines[FATES]; /* lines: without titles and blank ones */
    /* written, but not remembered: their later duplicates are not noticed */
    uint64_t forgotten_documents, forgotten_lines;
};

struct filter;

/** RF_OK with *f, to be given to filter_free(); RF_ENOMEM. */
MUST_CHECK int filter_new(struct filter **f, const struct filter_cfg *cfg, struct errbuf *eb);

/** Take a text that the others must not overlap with. RF_OK, the errors of lines_next(), or
 * RF_ENOMEM: it does not fit into cfg.memory. */
MUST_CHECK int filter_not_in(struct filter *f, struct lines *text, struct errbuf *eb);

/**
 * Copy text from `in` to `out` but for what is left out. *totals is overwritten. RF_OK,
 * RF_ERANGE (a document of over LINE_MAX_BYTES), RF_ENOMEM, or the errors of lines_next() and
 * text_out_line().
 */
MUST_CHECK int filter_text(struct filter *f, struct lines *in, struct text_out *out,
                           struct filter_totals *totals, struct progress *progress,
                           struct errbuf *eb);

/** Append the counts: in a line for people, and as a table, "documents TAB duplicate TAB 3" a
 * line. RF_OK, RF_ENOMEM. */
MUST_CHECK int filter_summary(struct buf *to, const struct filter_totals *t);
MUST_CHECK int filter_table(struct buf *to, const struct filter_totals *t);

/** Free; NULL is fine. */
void filter_free(struct filter *f);

#endif
