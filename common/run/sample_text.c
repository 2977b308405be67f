#include "run/sample_text.h"

#include <stdlib.h>
#include <string.h>

/* Decode the line in hand. What is decoded of fewer tokens is the beginning of it. */
static int decode(struct sample_text *t, struct errbuf *eb)
{
    buf_clear(&t->whole);
    return wordpiece_decode(t->vocab, &t->whole, t->line.ids, t->line.n, true, true, eb);
}

int sample_text_begin(struct sample_text *t, const int32_t *ids, size_t n, struct errbuf *eb)
{
    return ids_put(&t->line, ids, n) == RF_OK ? decode(t, eb) : err_nomem(eb);
}

static int end_line(struct sample_text *t)
{
    t->line.n = 0;
    buf_clear(&t->whole);
    return buf_put(&t->text, "\n", 1);
}

static int add_token(struct sample_text *t, int32_t id, struct errbuf *eb)
{
    size_t had = t->whole.len;
    int rc = ids_put(&t->line, &id, 1) == RF_OK ? decode(t, eb) : err_nomem(eb);

    if (rc == RF_OK && t->whole.len > had)
        rc = buf_put(&t->text, t->whole.data + had, t->whole.len - had);
    return rc;
}

/* Bytes at the end of the text that may be the beginning of what ends it. */
static size_t begun(const struct sample_text *t)
{
    size_t n = strlen(t->stop) - 1;

    while (n > 0 &&
           (n > t->text.len || memcmp(t->text.data + t->text.len - n, t->stop, n) != 0))
        n--;
    return n;
}

/* Cut the text where what ends it begins; bytes from settled on have not been looked at. */
static void look_for_stop(struct sample_text *t)
{
    char *from = t->text.data + t->settled;
    char *at = memmem(from, t->text.len - t->settled, t->stop, strlen(t->stop));

    t->ended = at != NULL;
    if (at)
        t->text.len = (size_t)(at - t->text.data);
    t->settled = t->text.len - (at ? 0 : begun(t));
}

int sample_text_put(struct sample_text *t, int32_t id, bool line_end, struct errbuf *eb)
{
    int rc = line_end ? end_line(t) : add_token(t, id, eb);

    if (rc != RF_OK)
        return rc == RF_ENOMEM ? err_nomem(eb) : rc;
    if (t->stop && *t->stop && t->text.len)
        look_for_stop(t);
    else
        t->settled = t->text.len;
    return RF_OK;
}

void sample_text_end(struct sample_text *t)
{
    t->settled = t->text.len;
}

void sample_text_free(struct sample_text *t)
{
    free(t->line.ids);
    buf_free(&t->text);
    buf_free(&t->whole);
    *t = (struct sample_text){.vocab = t->vocab, .stop = t->stop};
}
