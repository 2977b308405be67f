/*
 * cirrus.h: pages out of a Cirrus search dump of Wikimedia: JSON lines, a page each, with the
 * text as a reader sees it, templates expanded. A line that only announces the next ("index")
 * is none.
 */
#ifndef CORPUS_CIRRUS_H
#define CORPUS_CIRRUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/** {0} is empty; the buffers are written over and kept. */
struct cirrus_page {
    struct buf title, text; /* valid UTF-8, without control bytes but LF */
    bool is_page;           /* false: an "index" line */
    bool other_space;       /* not of the articles */
};

/**
 * Read one line, s[n] without its LF, which must be valid UTF-8; it begins at byte `base` of
 * the file `name`. No memory but that of the page follows its length. RF_OK, RF_ENOMEM, or with
 * name and byte json_next()'s errors and RF_EFORMAT: a page without a title or text.
 */
MUST_CHECK int cirrus_read(struct cirrus_page *p, const char *s, size_t n, const char *name,
                           uint64_t base, struct errbuf *eb);

void cirrus_page_free(struct cirrus_page *p);

#endif
