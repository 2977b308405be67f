/*
 * cirrus.h: pages from a Cirrus search dump of Wikimedia.
 *
 * Such a dump has a page in each JSON line, with the text as a reader sees it: templates are
 * already expanded. A line that only announces the next one ("index") is no page.
 */
#ifndef CORPUS_CIRRUS_H
#define CORPUS_CIRRUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/** {0} is empty. The buffers are kept and written over. */
struct cirrus_page {
    struct buf title, text; /* valid UTF-8, with no control byte except LF */
    bool is_page;           /* false: an "index" line */
    bool other_space;       /* the page is not in the namespace of the articles */
};

/**
 * Read one line, s[n] without its LF. It must be valid UTF-8 and begins at byte `base` of the
 * file `name`. Only the page's own buffers grow with its length. RF_OK, RF_ENOMEM; or, with
 * file name and byte, RF_EFORMAT (a page without a title or text) and json_next()'s errors.
 */
MUST_CHECK int cirrus_read(struct cirrus_page *p, const char *s, size_t n, const char *name,
                           uint64_t base, struct errbuf *eb);

void cirrus_page_free(struct cirrus_page *p);

#endif
