/*
 * dump.h: a wiki's dump to plain text.
 *
 * Pages are read in batches, converted on several threads while the next batch is read, and
 * written in the order they came: the same bytes for any number of threads.
 */
#ifndef CORPUS_DUMP_H
#define CORPUS_DUMP_H

#include <stdbool.h>
#include <stdio.h>

#include "base/progress.h"
#include "corpus/tally.h"
#include "corpus/wikitext.h"

/** All settings; DUMP_CFG_DEFAULT, then as wished. Strings are borrowed. */
struct dump_cfg {
    struct wikitext_cfg wikitext;
    bool cirrus; /* the input is a Cirrus search dump: JSON lines, else a MediaWiki export */
    int invalid; /* an invalid_mode, io.h */
    const char *jsonl; /* write JSON lines with the text in this member; NULL: plain text */
    uint64_t max_page_bytes, threads;
};

#define DUMP_CFG_DEFAULT                                                                       \
    {                                                                                          \
        .max_page_bytes = 16 << 20                                                             \
    }

/** What was read, left out and written. */
struct dump_stats {
    uint64_t pages, written;                      /* in all; with text */
    uint64_t redirects, other_space, other_model; /* left out: not articles, not wikitext */
    uint64_t empty;                               /* left out: no text, or nothing left of it */
    uint64_t replaced;                            /* U+FFFD put in */
    uint64_t bytes_in, bytes_out;                 /* decompressed; as plain text */
    uint64_t removed[WIKITEXT_KINDS];
    struct tally *names; /* NULL, or takes templates and tags by name, for a report */
};

/**
 * Convert the dumps `names` (n of them; 0: standard input) one after the other to `out`. A page
 * is a title line, its lines, an empty line. Where the input breaks off or breaks its format,
 * what was whole before is written first. `show` may be NULL. *st is added to, also when it
 * fails. RF_OK; RF_ETRUNC, RF_EFORMAT, RF_ERANGE (a page of over max_page_bytes) with file and
 * byte; RF_EUSAGE (cfg->wikitext); RF_EIO; RF_ENOMEM.
 */
MUST_CHECK int dump_to_text(const struct dump_cfg *cfg, char *const *names, int n, FILE *out,
                            struct progress *show, struct dump_stats *st, struct errbuf *eb);

/** Write what was removed, by kind and name, as tally_write() does: once, since the counts that
 * have no names are added to st->names, which must be there. RF_OK or RF_ENOMEM. */
MUST_CHECK int dump_report(const struct dump_stats *st, FILE *to);

#endif
