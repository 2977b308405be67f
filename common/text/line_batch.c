#include "text/line_batch.h"

#include <stdlib.h>
#include <string.h>

static int add_batched_line(struct line_batch *b, const char *text, size_t len, bool more)
{
    if (b->n == b->cap) {
        size_t cap = b->cap ? 2 * b->cap : 1024;
        struct batched_line *line = realloc(b->line, cap * sizeof *line);

        if (!line)
            return RF_ENOMEM;
        b->line = line;
        b->cap = cap;
    }
    if (buf_reserve(&b->text, len + 1 + LINE_BATCH_SLACK) != RF_OK)
        return RF_ENOMEM;
    memcpy(b->text.data + b->text.len, text, len);
    b->text.len += len + 1;
    b->text.data[b->text.len - 1] = ' ';
    b->line[b->n++] = (struct batched_line){b->text.len, more};
    return RF_OK;
}

int line_batch_read(struct line_batch *b, struct cutter *c, struct errbuf *eb)
{
    buf_clear(&b->text);
    b->n = 0;
    while (b->text.len < LINE_BATCH_BYTES && b->n < LINE_BATCH_LINES) {
        const char *text;
        size_t len;
        bool more;
        int got = cutter_next(c, &text, &len, &more, eb);

        if (got <= 0)
            return got;
        if (add_batched_line(b, text, len, more) != RF_OK)
            return err_nomem(eb);
    }
    return RF_OK;
}

void line_batch_free(struct line_batch *b)
{
    buf_free(&b->text);
    free(b->line);
    *b = (struct line_batch){0};
}
