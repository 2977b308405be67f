#include "data/encode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "data/batch.h"

/* What one thread works on. */
struct unit {
    struct batch batch;
    struct wordpiece *wp;
    struct ids ids; /* of all its lines */
    size_t *end;    /* of each line in ids */
    size_t cap;     /* lines that `end` has room for */
    int rc;
};

struct encoder {
    const struct vocab *vocab;
    struct lines *lines;
    struct unit *unit;
    int threads;
    int at;      /* the unit that is being handed out */
    size_t line; /* and the line in it */
    uint64_t n_lines, n_ids;
};

int encoder_open(struct encoder **out, const struct vocab *v, struct lines *l,
                 const struct wordpiece_cfg *cfg, int threads, struct errbuf *eb)
{
    struct encoder *e = calloc(1, sizeof *e);
    int rc;

    if (!e || !(e->unit = calloc((size_t)threads, sizeof *e->unit))) {
        free(e);
        return err_nomem(eb);
    }
    e->vocab = v;
    e->lines = l;
    e->threads = e->at = threads;
    rc = wordpiece_new(&e->unit[0].wp, v, cfg, eb);
    for (int i = 1; rc == RF_OK && i < threads; i++)
        if (wordpiece_share(&e->unit[i].wp, e->unit[0].wp) != RF_OK)
            rc = err_nomem(eb);
    if (rc != RF_OK) {
        encoder_close(e);
        return rc;
    }
    *out = e;
    return RF_OK;
}

static void encode_unit(void *ctx, size_t i)
{
    struct unit *u = &((struct encoder *)ctx)->unit[i];

    u->ids.n = 0;
    for (size_t k = 0; k < u->batch.n && u->rc == RF_OK; k++) {
        size_t len;
        const char *text = batch_line(&u->batch, k, &len);

        u->rc = wordpiece_encode(u->wp, &u->ids, text, len);
        u->end[k] = u->ids.n;
    }
}

static int read_unit(struct encoder *e, struct unit *u, struct errbuf *eb)
{
    int rc = batch_read(&u->batch, e->lines, eb);
    size_t *end;

    if (rc != RF_OK || u->batch.n <= u->cap)
        return rc;
    if (!(end = realloc(u->end, u->batch.cap * sizeof *end)))
        return err_nomem(eb);
    u->end = end;
    u->cap = u->batch.cap;
    return RF_OK;
}

/* Read and encode the next lines, one unit a thread. */
static int refill(struct encoder *e, struct errbuf *eb)
{
    int rc = RF_OK;

    for (int i = 0; rc == RF_OK && i < e->threads; i++)
        rc = read_unit(e, &e->unit[i], eb);
    if (rc != RF_OK)
        return rc;
    par_for(e->threads, (size_t)e->threads, encode_unit, e);
    for (int i = 0; i < e->threads; i++)
        if (e->unit[i].rc != RF_OK)
            return err_nomem(eb);
    e->at = 0;
    e->line = 0;
    return RF_OK;
}

int encoder_next(struct encoder *e, const int32_t **ids, size_t *n, struct errbuf *eb)
{
    const struct unit *u;
    size_t start;
    int rc;

    while (e->at < e->threads && e->line == e->unit[e->at].batch.n) {
        e->at++;
        e->line = 0;
    }
    if (e->at == e->threads) {
        if ((rc = refill(e, eb)) != RF_OK)
            return rc;
        if (!e->unit[0].batch.n)
            return 0;
    }
    u = &e->unit[e->at];
    start = e->line ? u->end[e->line - 1] : 0;
    *ids = u->ids.ids + start;
    *n = u->end[e->line++] - start;
    e->n_lines++;
    e->n_ids += *n;
    return 1;
}

static void add_totals(const struct encoder *e, struct encode_totals *t)
{
    t->lines = e->n_lines;
    t->tokens = e->n_ids;
    t->words = t->unknown = 0;
    for (int i = 0; i < e->threads; i++) {
        t->words += wordpiece_words(e->unit[i].wp);
        t->unknown += wordpiece_unknown(e->unit[i].wp);
    }
}

/* The document that is being read. */
struct doc {
    struct ids ids;
    uint32_t *lens;
    size_t n_lens, cap_lens;
};

static int add_sentence(struct doc *d, const int32_t *ids, size_t n, const struct encoder *e,
                        struct errbuf *eb)
{
    if (n > SHARD_RECORD_MAX_TOKENS - d->ids.n)
        return err_set(eb, RF_ERANGE,
                       "a document has more than %d tokens near line %llu of '%s'",
                       SHARD_RECORD_MAX_TOKENS, (unsigned long long)lines_number(e->lines),
                       lines_name(e->lines));
    if (d->n_lens == d->cap_lens) {
        size_t cap = d->cap_lens ? 2 * d->cap_lens : 256;
        uint32_t *lens = realloc(d->lens, cap * sizeof *lens);

        if (!lens)
            return err_nomem(eb);
        d->lens = lens;
        d->cap_lens = cap;
    }
    if (ids_put(&d->ids, ids, n) != RF_OK)
        return err_nomem(eb);
    d->lens[d->n_lens++] = (uint32_t)n;
    return RF_OK;
}

static int put_doc(struct doc *d, struct shard_writer *to, struct encode_totals *t,
                   struct errbuf *eb)
{
    struct shard_record r = {.doc = t->documents,
                             .ids = d->ids.ids,
                             .n_ids = d->ids.n,
                             .lens = d->lens,
                             .n_lens = d->n_lens};

    if (!d->n_lens)
        return RF_OK;
    t->documents++;
    t->sentences += d->n_lens;
    d->ids.n = d->n_lens = 0;
    return shard_write(to, &r, eb);
}

int encode_to_shard(struct encoder *e, struct shard_writer *to, struct encode_totals *t,
                    struct progress *p, struct errbuf *eb)
{
    struct doc d = {0};
    const int32_t *ids = NULL;
    size_t n = 0;
    int rc = RF_OK;

    *t = (struct encode_totals){0};
    while (rc == RF_OK && (rc = encoder_next(e, &ids, &n, eb)) == 1) {
        if (n) {
            rc = add_sentence(&d, ids, n, e, eb);
        } else {
            rc = put_doc(&d, to, t, eb);
            if (p)
                progress_show(p, lines_consumed(e->lines), NULL);
        }
    }
    if (rc == RF_OK)
        rc = put_doc(&d, to, t, eb);
    add_totals(e, t);
    free(d.ids.ids);
    free(d.lens);
    return rc;
}

static int put_id(struct buf *line, int32_t id)
{
    char digits[12], *at = digits + sizeof digits;

    do
        *--at = (char)('0' + id % 10);
    while (id /= 10);
    return buf_put(line, at, (size_t)(digits + sizeof digits - at));
}

static int put_line(struct buf *line, const struct vocab *v, const int32_t *ids, size_t n)
{
    buf_clear(line);
    for (size_t i = 0; i < n; i++) {
        size_t len;
        const char *token;
        int rc = i ? buf_put(line, " ", 1) : RF_OK;

        if (rc == RF_OK && !v)
            rc = put_id(line, ids[i]);
        if (rc == RF_OK && v) {
            token = vocab_token(v, ids[i], &len);
            rc = buf_put(line, token, len);
        }
        if (rc != RF_OK)
            return rc;
    }
    return buf_put(line, "\n", 1);
}

int encode_to_text(struct encoder *e, FILE *to, bool pieces, struct encode_totals *t,
                   struct progress *p, struct errbuf *eb)
{
    const struct vocab *v = pieces ? e->vocab : NULL;
    struct buf line = {0};
    bool in_doc = false;
    const int32_t *ids = NULL;
    size_t n = 0;
    int rc = RF_OK;

    *t = (struct encode_totals){0};
    while (rc == RF_OK && (rc = encoder_next(e, &ids, &n, eb)) == 1) {
        t->sentences += n > 0;
        t->documents += n > 0 && !in_doc;
        in_doc = n > 0;
        if (put_line(&line, v, ids, n) != RF_OK)
            rc = err_nomem(eb);
        else if (fwrite(line.data, 1, line.len, to) != line.len)
            rc = err_set(eb, RF_EIO, "cannot write: %s", strerror(errno));
        else
            rc = RF_OK;
        if (p && !in_doc)
            progress_show(p, lines_consumed(e->lines), NULL);
    }
    add_totals(e, t);
    buf_free(&line);
    return rc;
}

void encoder_close(struct encoder *e)
{
    if (!e)
        return;
    for (int i = e->threads - 1; i >= 0; i--) {
        batch_free(&e->unit[i].batch);
        wordpiece_free(e->unit[i].wp);
        free(e->unit[i].ids.ids);
        free(e->unit[i].end);
    }
    free(e->unit);
    free(e);
}
