/*
 * xmldump.h: pages from a MediaWiki XML export, versions 0.3 to 0.11.
 *
 * This is a scanner for the small part of XML that exports use. It looks at bytes in memory and
 * says what stands at their start. If they are too few, the caller calls again with more.
 * Elements must nest. A DOCTYPE is refused, so the only entities are XML's five and numbers,
 * and none can make the text grow.
 */
#ifndef CORPUS_XMLDUMP_H
#define CORPUS_XMLDUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "corpus/namespaces.h"

enum { XMLDUMP_DEPTH_MAX = 16 };

/** The state of a file. {0} at its start. */
struct xmldump {
    bool begun, open; /* something was read; <mediawiki> is open */
    struct namespaces ns;
};

enum xmldump_found {
    XMLDUMP_MORE, /* the bytes are too few to tell */
    XMLDUMP_PAGE,
    XMLDUMP_SITE, /* siteinfo: `ns` of the xmldump has changed */
    XMLDUMP_OTHER,
    XMLDUMP_BAD,
};

/** A page. Title and text are escaped XML and point into the bytes. */
struct xmldump_page {
    const char *title, *text; /* those of the last revision; text NULL: there is none */
    size_t title_len, text_len;
    bool redirect, foreign; /* foreign: the page is not wikitext */
    bool has_ns;            /* false: the export has no <ns>, as before version 0.6 */
    int ns;
};

/**
 * Look at s[n]. *used is the length of what was found. For XMLDUMP_BAD it is where the fault
 * lies, and *why says what it is.
 */
enum xmldump_found xmldump_next(struct xmldump *x, const char *s, size_t n,
                                struct xmldump_page *page, size_t *used, const char **why);

/**
 * Append the text that s[n], which is valid UTF-8, stands for: references are resolved once,
 * CDATA is opened, comments are removed, CR LF and CR become LF. What XML does not allow
 * (controls, surrogates) becomes U+FFFD and is added to *replaced. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int xmldump_decode(struct buf *to, const char *s, size_t n, uint64_t *replaced);

#endif
