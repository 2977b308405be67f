/*
 * filter.h: leaves documents and lines out of a text: those that were there before, that are
 * too short or too long, that are in another script, or that a test text must not share with
 * training.
 *
 * White space never counts: texts are compared, and characters counted, without it. A title
 * (document.h) is kept or left out with its document and is not looked at otherwise.
 */
#ifndef TEXT_FILTER_H
#define TEXT_FILTER_H

#include <stdbool.h>

#include "base/io.h"
#include "base/progress.h"
#include "text/signatures.h"

enum overlap { OVERLAP_DOCUMENT, OVERLAP_LINE };

/** The names for a table row of type OPT_CHOICE: "document", "line". */
extern const char *const overlap_names[];

struct filter_cfg {
    bool titles;              /* documents may have titles */
    bool lines;               /* each line is a document of its own, without a title */
    bool dup_docs, dup_lines; /* leave out documents and lines that were there before */
    double near; /* leave out a document at least this similar to an earlier one; 0: keep it */
    uint64_t shingle; /* the length of a shingle in characters (minhash.h) */
    uint64_t min_line, max_line, min_doc, max_doc; /* in characters; a maximum of 0: no limit */
    double min_hangul, min_latin;                  /* shares of a document's characters */
    uint64_t window; /* the number of characters in a row that a text may not share with the
                        text of filter_not_in() */
    int overlap;     /* an enum overlap: what is left out if it does */
    uint64_t memory; /* the limit in bytes of all that must be remembered */
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
    FATE_NEAR,      /* nearly equal to an earlier one */
    FATE_OVERLAP,   /* shares a window with the text of filter_not_in() */
    FATE_SHORT,
    FATE_LONG,
    FATE_HANGUL, /* too few of its characters are Hangul */
    FATE_LATIN,
    FATE_EMPTY, /* a document without a line left; or a line whose document is left out */
    FATES
};

struct filter_totals {
    uint64_t documents[FATES], lines[FATES]; /* lines: without titles and blank lines */
    uint64_t titles;
    /* These were written but not remembered, because memory was full, so later duplicates of
     * them are not found. */
    uint64_t forgotten_documents, forgotten_lines;
};

struct filter;

/** RF_OK with *f, which filter_free() takes back; RF_ENOMEM. */
MUST_CHECK int filter_new(struct filter **f, const struct filter_cfg *cfg, struct errbuf *eb);

/** Read a text that the filtered text must not overlap with. RF_OK, the errors of lines_next(),
 * or RF_ENOMEM: it does not fit into cfg.memory. */
MUST_CHECK int filter_not_in(struct filter *f, struct lines *text, struct errbuf *eb);

/** The digest of what the signatures of a text depend on, and what is left out by them: they
 * are of use to the same settings only. */
uint64_t filter_settings(const struct filter_cfg *cfg);

/** Do as if the text of these signatures had been filtered before. It makes sense before
 * filter_text(). RF_OK, or the errors of signatures_next(). Documents that memory has no room
 * for are forgotten as there, and not counted. */
MUST_CHECK int filter_after(struct filter *f, struct signature_reader *earlier,
                            struct errbuf *eb);

/**
 * Write the signature of each document that would be written if nothing stood before it, not
 * even in this text. *totals is overwritten, with repeated documents counted as written. Errors
 * are those of filter_text().
 */
MUST_CHECK int filter_sign(struct filter *f, struct lines *in, struct signature_writer *to,
                           struct filter_totals *totals, struct progress *progress,
                           struct errbuf *eb);

/**
 * Copy the text from `in` to `out` except what is left out. *totals is overwritten. RF_OK,
 * RF_ERANGE (a document of over LINE_MAX_BYTES), RF_ENOMEM, or the errors of lines_next() and
 * text_out_line().
 */
MUST_CHECK int filter_text(struct filter *f, struct lines *in, struct text_out *out,
                           struct filter_totals *totals, struct progress *progress,
                           struct errbuf *eb);

/** Append the counts: filter_summary() in a sentence for people, filter_table() as lines like
 * "documents TAB duplicate TAB 3". RF_OK, RF_ENOMEM. */
MUST_CHECK int filter_summary(struct buf *to, const struct filter_totals *t);
MUST_CHECK int filter_table(struct buf *to, const struct filter_totals *t);

/** Free; NULL is fine. */
void filter_free(struct filter *f);

#endif
