/*
 * xmldump.h: pages out of a MediaWiki XML export, versions 0.3 to 0.11.
 *
 * A scanner of the little XML that exports are made of. It looks at bytes that lie in memory
 * and says what stands at their head; who calls it brings more of them where they are too few.
 * Elements must nest; a DOCTYPE is refused, so that there are no entities but XML's five and
 * numbers, and nothing that grows.
 */
#ifndef CORPUS_XMLDUMP_H
#define CORPUS_XMLDUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "corpus/namespaces.h"

enum { XMLDUMP_DEPTH_MAX = 16 };

/** Where a file stands; {0} at its start. */
struct xmldump {
    bool begun, open; /* something was read; <mediawiki> is open */
    struct namespaces ns;
};

enum xmldump_found {
    XMLDUMP_MORE, /* too few bytes to tell */
    XMLDUMP_PAGE,
    XMLDUMP_SITE, /* siteinfo: x->ns has changed */
    XMLDUMP_OTHER,
    XMLDUMP_BAD,
};

/** A page; title and text are escaped XML and point into the bytes. */
struct xmldump_page {
    const char *title, *text; /* of several revisions, the last one's; text NULL: none */
    size_t title_len, text_len;
    bool redirect, foreign; /* not wikitext */
    bool has_ns;            /* false: an export without <ns>, before 0.6 */
    int ns;
};

/**
 * Look at s[n]. *used is the length of what was found; for XMLDUMP_BAD it is where the fault
 * lies and *why what it is.
 */
enum xmldump_found xmldump_next(struct xmldump *x, const char *s, size_t n,
                                struct xmldump_page *page, size_t *used, const char **why);

/**
 * Append the text that s[n], valid UTF-8, stands for: references resolved once, CDATA opened,
 * comments gone, CR LF and CR as LF. What no XML may hold (controls, surrogates) becomes U+FFFD
 * and is added to *replaced. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int xmldump_decode(struct buf *to, const char *s, size_t n, uint64_t *replaced);

#endif
