/* plain.h: text in the form in which the readers of dumps pass it on: lines without needless
 * white space. */
#ifndef CORPUS_PLAIN_H
#define CORPUS_PLAIN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/io.h"

/**
 * Append s to `to` as lines, each ended by LF. A run of ASCII white space becomes one space and
 * is removed at the ends; empty lines and U+0000 are removed. LF and CR end a line if `breaks`,
 * else they are white space too. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int plain_put(struct buf *to, const char *s, size_t n, bool breaks);

/** Append one line in the same form, without an LF behind it. */
MUST_CHECK int plain_put_line(struct buf *to, const char *s, size_t n);

/** Returns the number of U+0000 in the text. */
uint64_t plain_count_nul(const struct buf *text);

/** Print lines that plain_put() has made. RF_OK or text_out_line()'s errors. */
MUST_CHECK int plain_print(struct text_out *out, const struct buf *lines, struct errbuf *eb);

#endif
