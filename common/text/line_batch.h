/* line_batch.h: some lines of text in memory, so that one thread can work on them while
 * others are read. */
#ifndef TEXT_LINE_BATCH_H
#define TEXT_LINE_BATCH_H

#include "text/cut.h"

enum { /* a batch ends when it has this many bytes or this many lines */
       LINE_BATCH_BYTES = 64 << 10,
       LINE_BATCH_LINES = 32 << 10,
       /* behind the text so many bytes may be read, whatever they are */
       LINE_BATCH_SLACK = 64,
};

/** {0} is empty. A space follows each line, or piece of a line; so the text can also be read as
 * one line with all the words. */
struct line_batch {
    struct buf text;
    struct batched_line {
        size_t end; /* where its space ends */
        bool more;  /* the next one is a piece of the same line */
    } * line;
    size_t n, cap;
};

/** Replace the lines by the next ones; n = 0 then means the end. RF_OK, cutter_next()'s
 * errors, RF_ENOMEM. */
MUST_CHECK int line_batch_read(struct line_batch *b, struct cutter *c, struct errbuf *eb);

/** Line i < n, and its length in *len. It lives until the next line_batch_read(). */
static inline const char *line_batch_at(const struct line_batch *b, size_t i, size_t *len)
{
    size_t start = i ? b->line[i - 1].end : 0;

    *len = b->line[i].end - start - 1;
    return b->text.data + start;
}

void line_batch_free(struct line_batch *b);

#endif
