#include "run/embed_text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/npy.h"
#include "data/examples.h"
#include "run/window.h"

const char *const embed_pool_names[] = {"mean", "first", NULL};
const char *const embed_format_names[] = {"tsv", "jsonl", "npy", NULL};

struct embedder {
    const struct run_model *run;
    const struct embed_cfg *cfg;
    struct window window;
    size_t E;
    int32_t *rows;  /* [batch,max_len] those that a vector is made of */
    float *hidden;  /* [batch,max_len,E] of these; POOL_FIRST: [batch,E] */
    double *vector; /* [most,E] of the lines that waited */
    struct buf text;
};

static int embedder_open(struct embedder *p, const struct run_model *m,
                         const struct embed_cfg *cfg, struct errbuf *eb)
{
    size_t tokens;
    int rc = run_need_edges(m, eb);

    *p = (struct embedder){.run = m, .cfg = cfg, .E = m->cfg.model.dim};
    if (rc != RF_OK || (rc = window_new(&p->window, m, eb)) != RF_OK)
        return rc;
    tokens = p->window.batch * (cfg->pool == POOL_MEAN ? p->window.max_len : 1);
    p->rows = calloc(tokens, sizeof *p->rows);
    p->hidden = calloc(tokens, p->E * sizeof *p->hidden);
    p->vector = calloc(p->window.most, p->E * sizeof *p->vector);
    return p->rows && p->hidden && p->vector ? RF_OK : err_nomem(eb);
}

static void embedder_close(struct embedder *p)
{
    window_free(&p->window);
    free(p->rows);
    free(p->hidden);
    free(p->vector);
    buf_free(&p->text);
}

static size_t tokens_of(const struct model_batch *b, size_t i)
{
    size_t n = 0;

    while (n < b->T && b->real[i * b->T + n])
        n++;
    return n;
}

static int see(void *self, const struct model_batch *given, const size_t *which,
               struct errbuf *eb)
{
    struct embedder *p = self;
    struct model_batch b = *given;
    bool first = p->cfg->pool == POOL_FIRST;
    const float *x = p->hidden;
    int rc;

    b.rows = p->rows;
    b.n = 0;
    for (size_t i = 0; i < b.B; i++)
        for (size_t t = 0; t < (first ? 1 : tokens_of(&b, i)); t++)
            p->rows[b.n++] = (int32_t)(i * b.T + t);
    if ((rc = model_logits(p->run->model, &b, &p->run->draw, p->hidden, NULL, eb)) != RF_OK)
        return rc;
    for (size_t i = 0; i < b.B; i++) {
        double *y = p->vector + which[i] * p->E;
        size_t n = first ? 1 : tokens_of(&b, i);

        memset(y, 0, p->E * sizeof *y);
        for (size_t t = 0; t < n; t++, x += p->E)
            for (size_t k = 0; k < p->E; k++)
                y[k] += (double)x[k] / (double)n;
        for (size_t k = 0; k < p->E; k++)
            if (!isfinite(y[k]))
                return err_set(eb, RF_ENAN, "what the model says is no number");
    }
    return RF_OK;
}

/* --- output */

static int put_floats(struct buf *to, const double *v, size_t n)
{
    uint8_t *at;

    if (buf_reserve(to, n * sizeof(float)) != RF_OK)
        return RF_ENOMEM;
    at = (uint8_t *)to->data + to->len;
    for (size_t i = 0; i < n; i++) {
        float x = (float)v[i];
        uint32_t bits;

        memcpy(&bits, &x, sizeof bits);
        put_le32(at + 4 * i, bits);
    }
    to->len += n * sizeof(float);
    return RF_OK;
}

static int put_numbers(struct buf *to, const double *v, size_t n, const char *before,
                       const char *between, const char *behind)
{
    int rc = buf_printf(to, "%s", before);

    for (size_t i = 0; i < n && rc == RF_OK; i++)
        rc = buf_printf(to, "%s%.6g", i ? between : "", v[i]);
    return rc == RF_OK ? buf_printf(to, "%s", behind) : rc;
}

static int put_vector(struct embedder *p, const double *v)
{
    switch ((enum embed_format)p->cfg->format) {
    case EMBED_NPY: return put_floats(&p->text, v, p->E);
    case EMBED_JSONL: return put_numbers(&p->text, v, p->E, "{\"vector\":[", ",", "]}\n");
    case EMBED_TSV: break;
    }
    return put_numbers(&p->text, v, p->E, "", "\t", "\n");
}

static int flush_vectors(struct embedder *p, FILE *to, struct errbuf *eb)
{
    size_t n = p->window.n;
    int rc = window_show(&p->window, see, p, eb);

    buf_clear(&p->text);
    for (size_t i = 0; i < n && rc == RF_OK; i++)
        rc = put_vector(p, p->vector + i * p->E) == RF_OK ? RF_OK : err_nomem(eb);
    if (rc == RF_OK && p->text.len)
        fwrite(p->text.data, 1, p->text.len, to); /* closing it says whether that went well */
    return rc;
}

/* The head of the array at the place where the file stands. */
static void put_head(const struct embedder *p, FILE *to, uint64_t rows)
{
    uint8_t head[NPY_HEAD_BYTES];
    char shape[64];

    snprintf(shape, sizeof shape, "%llu, %zu", (unsigned long long)rows, p->E);
    npy_head(head, "<f4", shape);
    fwrite(head, 1, sizeof head, to);
}

static int open_npy(const struct embedder *p, FILE *to, struct errbuf *eb)
{
    if (fseeko(to, 0, SEEK_CUR) != 0)
        return err_set(eb, RF_EINVAL, "npy needs the number of lines first: write to a file");
    put_head(p, to, 0);
    return RF_OK;
}

/* Write the head again when the number of lines is known. */
static int finish_npy(const struct embedder *p, FILE *to, uint64_t rows, struct errbuf *eb)
{
    off_t bytes = NPY_HEAD_BYTES + (off_t)(rows * p->E * sizeof(float));

    if (fseeko(to, -bytes, SEEK_CUR) != 0)
        return err_set(eb, RF_EIO, "cannot rewrite the head: %s", strerror(errno));
    put_head(p, to, rows);
    return fseeko(to, 0, SEEK_END) == 0
               ? RF_OK
               : err_set(eb, RF_EIO, "cannot write: %s", strerror(errno));
}

/* --- lines */

static int add(struct embedder *p, const char *text, size_t len, struct embedded *total,
               struct errbuf *eb)
{
    const struct example x = {.text = text, .text_len = len};
    struct window *w = &p->window;
    size_t cut;

    if (example_encode(&x, p->run->encoder, &ckpt_state(p->run->ckpt)->special, w->max_len,
                       &w->ids, &cut) != RF_OK)
        return err_nomem(eb);
    window_add(w);
    total->lines++;
    total->cut += cut > 0;
    return RF_OK;
}

static int embed_all(struct embedder *p, struct lines *l, FILE *to, struct embedded *total,
                     struct errbuf *eb)
{
    const char *text;
    size_t len, before;
    int rc;

    while ((rc = lines_next(l, &text, &len, eb)) == 1) {
        if (!len && lines_before(l, &before)) /* the end of a document of JSON lines */
            continue;
        rc = add(p, text, len, total, eb);
        if (rc == RF_OK && window_is_full(&p->window))
            rc = flush_vectors(p, to, eb);
        if (rc != RF_OK)
            return rc;
    }
    return rc == RF_OK ? flush_vectors(p, to, eb) : rc;
}

int embed_text(const struct run_model *m, struct lines *l, const struct embed_cfg *cfg,
               FILE *to, struct embedded *total, struct errbuf *eb)
{
    struct embedder p;
    int rc = embedder_open(&p, m, cfg, eb);

    *total = (struct embedded){0};
    if (rc == RF_OK && cfg->format == EMBED_NPY)
        rc = open_npy(&p, to, eb);
    if (rc == RF_OK)
        rc = embed_all(&p, l, to, total, eb);
    if (rc == RF_OK && cfg->format == EMBED_NPY)
        rc = finish_npy(&p, to, total->lines, eb);
    embedder_close(&p);
    return rc;
}
