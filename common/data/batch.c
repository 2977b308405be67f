#include "data/batch.h"

static int add_line(struct batch *b, const char *text, size_t len)
{
    if (b->n == b->cap) {
        size_t cap = b->cap ? 2 * b->cap : 1024;
        size_t *end = realloc(b->end, cap * sizeof *end);

        if (!end)
            return RF_ENOMEM;
        b->end = end;
        b->cap = cap;
    }
    if (buf_put(&b->text, text, len) != RF_OK || buf_put(&b->text, " ", 1) != RF_OK)
        return RF_ENOMEM;
    b->end[b->n++] = b->text.len;
    return RF_OK;
}

int batch_read(struct batch *b, struct lines *l, struct errbuf *eb)
{
    buf_clear(&b->text);
    b->n = 0;
    while (b->text.len < BATCH_BYTES) {
        const char *text;
        size_t len;
        int got = lines_next(l, &text, &len, eb);

        if (got <= 0)
            return got;
        if (add_line(b, text, len) != RF_OK)
            return err_nomem(eb);
    }
    return RF_OK;
}

void batch_free(struct batch *b)
{
    buf_free(&b->text);
    free(b->end);
    *b = (struct batch){0};
}
