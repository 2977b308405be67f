/* plain.h: text as the readers of dumps hand it on: lines without needless white space. */
#ifndef CORPUS_PLAIN_H
#define CORPUS_PLAIN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/io.h"

/**
 * Append s to `to` as lines, each ended by LF: a run of ASCII white space becomes a space, none
 * stays at an end, empty lines and U+0000 go. LF and CR break a line if `breaks`, else they are
 * white space too. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int plain_put(struct buf *to, const char *s, size_t n, bool breaks);

/** The same for one line, without an LF behind it. */
MUST_CHECK int plain_put_line(struct buf *to, const char *s, size_t n);

/** How many U+0000 there are. */
uint64_t plain_count_nul(const struct buf *text);

/** Print lines that plain_put() made. RF_OK or text_out_line()'s errors. */
MUST_CHECK int plain_print(struct text_out *out, const struct buf *lines, struct errbuf *eb);

#endif
