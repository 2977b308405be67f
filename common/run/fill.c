#include "run/fill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wordpiece/fill_text.h"

/* The logits of so many masks lie in memory at once. */
enum { MASKS_MAX = 64 };

struct fill {
    const struct run_model *run;
    struct ckpt_state state;
    int32_t *piece, *rows; /* [max_len] */
    float *logits;         /* [MASKS_MAX,V] */
    struct ids ids;        /* tokens of the line in hand */
    int32_t *id;           /* [masks,k] the words for its masks */
    float *p;              /* [masks,k] how likely they are */
    size_t room;           /* numbers that id and p can hold */
};

int fill_new(struct fill **out, const struct run_model *m, struct errbuf *eb)
{
    const struct ckpt_state *s = ckpt_state(m->ckpt);
    struct fill *f;
    int rc = run_need_tokens(m, eb);

    if (rc != RF_OK)
        return rc;
    if (s->max_len < 3)
        return err_set(eb, RF_EINVAL, "'%s' takes %llu tokens: [CLS] [MASK] [SEP] are 3",
                       ckpt_path(m->ckpt), (unsigned long long)s->max_len);
    if (s->special.mask < 0 || s->special.cls < 0 || s->special.sep < 0)
        return err_set(eb, RF_EINVAL, "the vocabulary of '%s' lacks [MASK], [CLS] or [SEP]",
                       ckpt_path(m->ckpt));
    if (!(f = calloc(1, sizeof *f)))
        return err_nomem(eb);
    f->run = m;
    f->state = *s;
    f->piece = calloc(s->max_len, sizeof *f->piece);
    f->rows = calloc(s->max_len, sizeof *f->rows);
    f->logits = calloc(s->vocab_size, MASKS_MAX * sizeof *f->logits);
    if (!f->piece || !f->rows || !f->logits) {
        fill_free(f);
        return err_nomem(eb);
    }
    *out = f;
    return RF_OK;
}

void fill_free(struct fill *f)
{
    if (!f)
        return;
    free(f->piece);
    free(f->rows);
    free(f->logits);
    free(f->ids.ids);
    free(f->id);
    free(f->p);
    free(f);
}

size_t fill_count(const struct fill *f, const int32_t *ids, size_t n)
{
    size_t masks = 0;

    for (size_t i = 0; i < n; i++)
        masks += ids[i] == f->state.special.mask;
    return masks;
}

/* Choose the k best words for a mask by its logits x[V], which are overwritten; false: not all
 * of them are numbers. */
static bool choose_words(struct fill *f, float *x, size_t k, int32_t *id, float *p)
{
    const struct ckpt_state *s = &f->state;
    size_t V = s->vocab_size;
    double sum = 0, top;

    for (size_t i = 0; i < V; i++)
        if (!isfinite(x[i]))
            return false;
    for (size_t i = 0; i < V; i++)
        if (special_has(&s->special, (int32_t)i))
            x[i] = -INFINITY;
    top = (double)x[model_likeliest(x, V)];
    for (size_t i = 0; i < V; i++)
        sum += exp((double)x[i] - top);
    for (size_t i = 0; i < k; i++) {
        size_t at = model_likeliest(x, V);

        id[i] = isinf(x[at]) ? -1 : (int32_t)at;
        p[i] = (float)(exp((double)x[at] - top) / sum);
        x[at] = -INFINITY;
    }
    return true;
}

/* Show the model a piece: [CLS], m ids, [SEP]. f->rows has the places of the masks in it whose
 * logits are wanted. */
static int look_at_piece(struct fill *f, const int32_t *ids, size_t m, size_t masks,
                         struct errbuf *eb)
{
    struct model_batch b = {.B = 1, .T = m + 2, .ids = f->piece, .rows = f->rows, .n = masks};

    f->piece[0] = f->state.special.cls;
    memcpy(f->piece + 1, ids, m * sizeof *ids);
    f->piece[m + 1] = f->state.special.sep;
    return model_logits(f->run->model, &b, &f->run->draw, NULL, f->logits, eb);
}

int fill_masks(struct fill *f, const int32_t *ids, size_t n, size_t k, int32_t *id, float *p,
               struct errbuf *eb)
{
    size_t room = f->state.max_len - 2, m = n < room ? n : room, V = f->state.vocab_size;

    for (size_t at = 0; at < n;) {
        size_t masks = 0, first = at > room / 2 ? at - room / 2 : 0, end;
        int rc;

        if (ids[at] != f->state.special.mask) {
            at++;
            continue;
        }
        if (first + m > n)
            first = n - m;
        /* The piece serves for the masks of the next room / 4 tokens too; if it reaches the end
         * of the sequence, for all that are left: no piece would show more behind them. */
        end = first + m == n ? n : at + room / 4 + 1;
        for (; at < end && masks < MASKS_MAX; at++)
            if (ids[at] == f->state.special.mask)
                f->rows[masks++] = (int32_t)(at - first + 1);
        if ((rc = look_at_piece(f, ids + first, m, masks, eb)) != RF_OK)
            return rc;
        for (size_t i = 0; i < masks; i++, id += k, p += k)
            if (!choose_words(f, f->logits + i * V, k, id, p))
                return err_set(eb, RF_ENAN, "what the model says is no number");
    }
    return RF_OK;
}

/* --- lines of text */

static int reserve_words(struct fill *f, size_t n)
{
    if (n <= f->room)
        return RF_OK;
    free(f->id);
    free(f->p);
    f->id = calloc(n, sizeof *f->id);
    f->p = calloc(n, sizeof *f->p);
    f->room = f->id && f->p ? n : 0;
    return f->room ? RF_OK : RF_ENOMEM;
}

/* Find the words for the masks of a line. */
static int find_words(struct fill *f, struct fill_words *w, const char *text, size_t len,
                      const struct fill_cfg *cfg, struct errbuf *eb)
{
    f->ids.n = 0;
    if (wordpiece_encode(f->run->encoder, &f->ids, text, len) != RF_OK)
        return err_nomem(eb);
    w->vocab = f->run->vocab;
    w->masks = fill_count(f, f->ids.ids, f->ids.n);
    w->k = cfg->top ? cfg->top : 1;
    if (w->k > f->state.vocab_size)
        w->k = f->state.vocab_size;
    if (reserve_words(f, w->masks * w->k) != RF_OK)
        return err_nomem(eb);
    w->id = f->id;
    w->p = f->p;
    return fill_masks(f, f->ids.ids, f->ids.n, w->k, f->id, f->p, eb);
}

/* Put a line, or part of one: `first` masks of the line came before this part. */
static int put_filled_line(struct buf *to, const struct lines *l, uint64_t first,
                           const char *text, size_t len, const struct fill_words *w,
                           const struct fill_cfg *cfg)
{
    int rc;

    if (cfg->json)
        return fill_text_json(to, lines_number(l), text, len, w);
    if (cfg->top)
        return fill_text_table(to, lines_number(l), first, w);
    rc = fill_text_line(to, text, len, w);
    return rc == RF_OK ? buf_put(to, "\n", 1) : rc;
}

int fill_lines(struct fill *f, struct lines *l, FILE *to, const struct fill_cfg *cfg,
               uint64_t *masks, struct errbuf *eb)
{
    uint64_t total = 0, first = 0; /* lines so far; masks of the last line so far */
    struct buf line = {0};
    const char *text;
    size_t len;
    int rc;

    while ((rc = lines_next(l, &text, &len, eb)) == 1) {
        struct fill_words w = {0};

        if (total != lines_total(l)) /* else it is of the same JSON line as the last one */
            first = 0;
        total = lines_total(l);
        buf_clear(&line);
        rc = find_words(f, &w, text, len, cfg, eb);
        if (rc == RF_ENAN)
            rc = err_set(eb, rc, "'%s', line %llu: what the model says is no number",
                         lines_name(l), (unsigned long long)lines_number(l));
        if (rc == RF_OK && put_filled_line(&line, l, first, text, len, &w, cfg) != RF_OK)
            rc = err_nomem(eb);
        if (rc != RF_OK || (line.len && fwrite(line.data, 1, line.len, to) != line.len))
            break;
        first += w.masks;
        *masks += w.masks;
    }
    buf_free(&line);
    return rc;
}
