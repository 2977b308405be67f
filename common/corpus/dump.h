/*
 * dump.h: converts a wiki's dump to plain text.
 *
 * Pages are read in batches. Several threads convert a batch while the next one is read. The
 * pages are written in the order in which they came, so the output is the same for any
 * number of threads.
 */
#ifndef CORPUS_DUMP_H
#define CORPUS_DUMP_H

#include <stdbool.h>
#include <stdio.h>

#include "base/progress.h"
#include "corpus/tally.h"
#include "corpus/wikitext.h"

/** All settings. Start from DUMP_CFG_DEFAULT. The strings are borrowed. */
struct dump_cfg {
    struct wikitext_cfg wikitext;
    bool cirrus; /* the input is a Cirrus search dump (JSON lines), else a MediaWiki export */
    int invalid; /* an invalid_mode (io.h) */
    const char *jsonl; /* the member for the text in JSON lines; NULL: write plain text */
    uint64_t max_page_bytes, threads;
};

#define DUMP_CFG_DEFAULT                                                                       \
    {                                                                                          \
        .max_page_bytes = 16 << 20                                                             \
    }

/** What was read, left out and written. */
struct dump_stats {
    uint64_t pages, written;                      /* all pages; pages with text */
    uint64_t redirects, other_space, other_model; /* left out: not articles, not wikitext */
    uint64_t empty;               /* left out: pages without text, or with none left */
    uint64_t replaced;            /* how many U+FFFD were put in */
    uint64_t bytes_in, bytes_out; /* of the dump after decompression; of plain text */
    uint64_t removed[WIKITEXT_KINDS];
    struct tally *names; /* counts templates and tags by name, for a report; NULL: no report */
};

/**
 * Convert the dumps `names` (n of them; 0: standard input) one after the other to `out`. A page
 * becomes a title line, its lines and an empty line. If the input stops early or breaks its
 * format, the pages before that place are written first. `show` may be NULL. *st is added to,
 * also on failure. RF_OK; RF_ETRUNC, RF_EFORMAT, RF_ERANGE (a page of over max_page_bytes),
 * each with file and byte; RF_EUSAGE (cfg->wikitext); RF_EIO; RF_ENOMEM.
 */
MUST_CHECK int dump_to_text(const struct dump_cfg *cfg, char *const *names, int n, FILE *out,
                            struct progress *show, struct dump_stats *st, struct errbuf *eb);

/** Write what was removed, by kind and name, as tally_write() does. Call this only once,
 * because it adds the counts without names to st->names, which must not be NULL. RF_OK
 * or RF_ENOMEM. */
MUST_CHECK int dump_report(const struct dump_stats *st, FILE *to);

#endif
