#include "run/score_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_put.h"
#include "model/decode.h"

/* A text to be scored: tokens [CLS] prefix text, of which those from `from` on count. */
struct item {
    size_t at, n, from; /* its tokens in `ids`; the first that counts, within them */
    size_t bytes;       /* of the text */
    double log_p;
};

/* A line of the input: `items` of them, from `first` on. */
struct line {
    size_t first, items;
    uint64_t number;
};

/* Tokens from `begin` to `end` of an item are shown at once; those from `from` on count. */
struct piece {
    size_t item, begin, end, from;
};

struct text_scorer {
    const struct run_model *run;
    const struct score_cfg *cfg;
    struct ckpt_state state;
    size_t batch, max_len; /* sequences shown at once, and tokens of one */
    struct ids ids;
    struct item *items;
    struct line *lines;
    size_t n_items, n_lines, room_items, room_lines;
    struct piece *pieces; /* [batch] that wait to be shown */
    size_t n_pieces;
    int32_t *shown, *rows, *labels; /* [batch,max_len] */
    uint8_t *real;                  /* [batch,max_len] */
    float *loss;                    /* [batch,max_len] */
};

int text_scorer_new(struct text_scorer **out, const struct run_model *m,
                    const struct score_cfg *cfg, struct errbuf *eb)
{
    const struct ckpt_state *state = ckpt_state(m->ckpt);
    struct text_scorer *s;
    size_t all;
    bool strict;
    int rc;

    if ((rc = run_need_causal(m, eb)) != RF_OK)
        return rc;
    if (state->max_len < 2)
        return err_set(eb, RF_EINVAL, "'%s' takes a single token", ckpt_path(m->ckpt));
    if (!(s = calloc(1, sizeof *s)))
        return err_nomem(eb);
    *s = (struct text_scorer){.run = m, .cfg = cfg, .state = *state, .max_len = state->max_len};
    /* Where later tokens have a say, so would the padding behind a shorter text. */
    strict = !model_past_bar(&m->cfg.model, s->max_len) &&
             !model_past_approximates(&m->cfg.model, s->max_len);
    s->batch = strict ? m->cfg.train.batch : 1;
    all = s->batch * s->max_len;
    s->pieces = calloc(s->batch, sizeof *s->pieces);
    s->shown = calloc(all, sizeof *s->shown);
    s->rows = calloc(all, sizeof *s->rows);
    s->labels = calloc(all, sizeof *s->labels);
    s->real = calloc(all, sizeof *s->real);
    s->loss = calloc(all, sizeof *s->loss);
    if (!s->pieces || !s->shown || !s->rows || !s->labels || !s->real || !s->loss) {
        text_scorer_free(s);
        return err_nomem(eb);
    }
    *out = s;
    return RF_OK;
}

void text_scorer_free(struct text_scorer *s)
{
    if (!s)
        return;
    free(s->ids.ids);
    free(s->items);
    free(s->lines);
    free(s->pieces);
    free(s->shown);
    free(s->rows);
    free(s->labels);
    free(s->real);
    free(s->loss);
    free(s);
}

/* --- pieces of texts through the model */

/* Lay the waiting pieces side by side; returns how many tokens have a label. */
static size_t lay_out(struct text_scorer *s, size_t T)
{
    size_t n = 0;

    memset(s->shown, 0, s->n_pieces * T * sizeof *s->shown);
    memset(s->real, 0, s->n_pieces * T);
    for (size_t i = 0; i < s->n_pieces; i++) {
        const struct piece *p = &s->pieces[i];
        const int32_t *ids = s->ids.ids + s->items[p->item].at;

        memcpy(s->shown + i * T, ids + p->begin, (p->end - p->begin) * sizeof *ids);
        memset(s->real + i * T, 1, p->end - p->begin);
        for (size_t t = p->from; t < p->end; t++, n++) {
            s->rows[n] = (int32_t)(i * T + t - 1 - p->begin);
            s->labels[n] = ids[t];
        }
    }
    return n;
}

static int show_pieces(struct text_scorer *s, struct errbuf *eb)
{
    struct model_batch b = {.B = s->n_pieces,
                            .ids = s->shown,
                            .real = s->real,
                            .rows = s->rows,
                            .labels = s->labels};
    size_t n = 0;
    int rc;

    for (size_t i = 0; i < s->n_pieces; i++)
        if (s->pieces[i].end - s->pieces[i].begin > b.T)
            b.T = s->pieces[i].end - s->pieces[i].begin;
    b.n = lay_out(s, b.T);
    rc = b.n ? model_row_losses(s->run->model, &b, &s->run->draw, s->loss, eb) : RF_OK;
    for (size_t i = 0; i < s->n_pieces && rc == RF_OK; i++)
        for (size_t t = s->pieces[i].from; t < s->pieces[i].end; t++)
            s->items[s->pieces[i].item].log_p -= (double)s->loss[n++];
    s->n_pieces = 0;
    return rc;
}

static int score_item(struct text_scorer *s, size_t item, struct errbuf *eb)
{
    const struct item *a = &s->items[item];
    size_t done = a->from, begin = 0;
    int rc = RF_OK;

    while (done < a->n && rc == RF_OK) {
        size_t end = begin + s->max_len < a->n ? begin + s->max_len : a->n;

        if (end > done) {
            s->pieces[s->n_pieces++] = (struct piece){item, begin, end, done};
            done = end;
        }
        begin = end - s->max_len / 2;
        if (s->n_pieces == s->batch)
            rc = show_pieces(s, eb);
    }
    return rc;
}

/* --- lines to texts */

/* An array with room for one more than n; NULL: no memory, and the array is as it was. */
static void *with_room(void *array, size_t *room, size_t n, size_t size)
{
    size_t more = *room ? 2 * *room : 64;
    void *bigger;

    if (n < *room)
        return array;
    if ((bigger = reallocarray(array, more, size)))
        *room = more;
    return bigger;
}

/* Append the text after a prefix. */
static int add_item(struct text_scorer *s, const char *prefix, size_t prefix_len,
                    const char *text, size_t len)
{
    const struct special_ids *special = &s->state.special;
    struct item a = {.at = s->ids.n, .bytes = len};

    struct item *items = with_room(s->items, &s->room_items, s->n_items, sizeof *items);

    s->items = items ? items : s->items;
    if (!items || ids_put(&s->ids, &special->cls, 1) != RF_OK ||
        wordpiece_encode(s->run->encoder, &s->ids, prefix, prefix_len) != RF_OK)
        return RF_ENOMEM;
    a.from = s->ids.n - a.at;
    if (wordpiece_encode(s->run->encoder, &s->ids, text, len) != RF_OK ||
        (s->cfg->end && ids_put(&s->ids, &special->sep, 1) != RF_OK))
        return RF_ENOMEM;
    a.n = s->ids.n - a.at;
    s->items[s->n_items++] = a;
    return RF_OK;
}

static int add_choices(struct text_scorer *s, const char *text, size_t len,
                       const struct lines *l, struct errbuf *eb)
{
    const char *end = text + len, *tab = memchr(text, '\t', len), *prefix_end = tab;

    if (!tab)
        return err_set(eb, RF_EFORMAT, "'%s', line %llu: no tab between a prefix and choices",
                       lines_name(l), (unsigned long long)lines_number(l));
    while (tab) {
        const char *from = tab + 1;

        tab = memchr(from, '\t', (size_t)(end - from));
        if (add_item(s, text, (size_t)(prefix_end - text), from,
                     (size_t)((tab ? tab : end) - from)) != RF_OK)
            return err_nomem(eb);
    }
    return RF_OK;
}

static int add_line(struct text_scorer *s, const char *text, size_t len, const struct lines *l,
                    struct errbuf *eb)
{
    const char *prefix = s->cfg->prefix ? s->cfg->prefix : "";
    struct line *line;
    int rc;

    line = with_room(s->lines, &s->room_lines, s->n_lines, sizeof *line);
    if (!line)
        return err_nomem(eb);
    s->lines = line;
    line += s->n_lines++;
    *line = (struct line){.first = s->n_items, .number = lines_number(l)};
    rc = s->cfg->choices ? add_choices(s, text, len, l, eb)
         : add_item(s, prefix, strlen(prefix), text, len) == RF_OK ? RF_OK
                                                                   : err_nomem(eb);
    line->items = s->n_items - line->first;
    return rc;
}

/* --- output */

static size_t counted(const struct item *a)
{
    return a->n - a->from;
}

/* The choice of a line that is best by its log-probability over this number of each, from 1. */
static size_t best(const struct text_scorer *s, const struct line *l, size_t by)
{
    size_t at = 0;
    double most = -(double)INFINITY;

    for (size_t i = 0; i < l->items; i++) {
        const struct item *a = &s->items[l->first + i];
        double over[] = {1, (double)counted(a), (double)a->bytes}, x = a->log_p / over[by];

        if (x > most) { /* a choice of nothing is 0 / 0, which is not */
            most = x;
            at = i;
        }
    }
    return at + 1;
}

/* NaN where there are no tokens. */
static double perplexity(const struct item *a)
{
    return exp(-a->log_p / (double)counted(a));
}

static int put_item_object(struct buf *to, const struct item *a)
{
    if (buf_printf(to, "{\"logprob\":") != RF_OK ||
        json_put_real(to, round(1e6 * a->log_p) / 1e6, 12) != RF_OK)
        return RF_ENOMEM;
    return buf_printf(to, ",\"tokens\":%zu,\"bytes\":%zu}", counted(a), a->bytes);
}

static int put_object(const struct text_scorer *s, const struct line *l, struct buf *to)
{
    int rc = buf_printf(to, "{\"line\":%llu,", (unsigned long long)l->number);

    if (rc == RF_OK && s->cfg->choices)
        rc = buf_printf(to, "\"best\":[%zu,%zu,%zu],", best(s, l, 0), best(s, l, 1),
                        best(s, l, 2));
    if (rc == RF_OK)
        rc = buf_printf(to, "\"scores\":[");
    for (size_t i = 0; i < l->items && rc == RF_OK; i++) {
        rc = i ? buf_put(to, ",", 1) : RF_OK;
        if (rc == RF_OK)
            rc = put_item_object(to, &s->items[l->first + i]);
    }
    return rc == RF_OK ? buf_put(to, "]}\n", 3) : rc;
}

static int put_fields(const struct text_scorer *s, const struct line *l, struct buf *to)
{
    const struct item *a = &s->items[l->first];
    int rc;

    if (!s->cfg->choices && counted(a) == 0)
        return buf_printf(to, "0.000000\t0\t-\n");
    if (!s->cfg->choices)
        return buf_printf(to, "%.6f\t%zu\t%.6g\n", a->log_p, counted(a), perplexity(a));
    rc = buf_printf(to, "%zu\t%zu\t%zu", best(s, l, 0), best(s, l, 1), best(s, l, 2));
    for (size_t i = 0; i < l->items && rc == RF_OK; i++)
        rc = buf_printf(to, "\t%.6f", a[i].log_p);
    return rc == RF_OK ? buf_put(to, "\n", 1) : rc;
}

/* Show what waits, and write the lines that are there. */
static int flush(struct text_scorer *s, const struct lines *l, FILE *to, struct scored *total,
                 struct errbuf *eb)
{
    struct buf text = {0};
    int rc = show_pieces(s, eb);

    for (size_t i = 0; i < s->n_lines && rc == RF_OK; i++) {
        const struct line *line = &s->lines[i];

        for (size_t k = line->first; k < line->first + line->items && rc == RF_OK; k++) {
            total->tokens += counted(&s->items[k]);
            total->bytes += s->items[k].bytes;
            total->log_p += s->items[k].log_p;
            if (!isfinite(s->items[k].log_p))
                rc = err_set(eb, RF_ENAN, "'%s', line %llu: what the model says is no number",
                             lines_name(l), (unsigned long long)line->number);
        }
        if (rc == RF_OK && (s->cfg->json ? put_object : put_fields)(s, line, &text) != RF_OK)
            rc = err_nomem(eb);
        total->lines++;
    }
    if (rc == RF_OK && text.len)
        fwrite(text.data, 1, text.len, to); /* closing it says whether that went well */
    buf_free(&text);
    s->n_lines = s->n_items = s->ids.n = 0;
    return rc;
}

int text_scorer_lines(struct text_scorer *s, struct lines *l, FILE *to, struct scored *total,
                      struct errbuf *eb)
{
    const char *text;
    size_t len;
    int rc;

    *total = (struct scored){0};
    while ((rc = lines_next(l, &text, &len, eb)) == 1) {
        size_t first = s->n_items, before;

        if (!len && lines_before(l, &before)) /* the end of a document of JSON lines */
            continue;
        rc = add_line(s, text, len, l, eb);
        for (size_t i = first; i < s->n_items && rc == RF_OK; i++)
            rc = score_item(s, i, eb);
        if (rc == RF_OK && s->n_lines >= s->batch)
            rc = flush(s, l, to, total, eb);
        if (rc != RF_OK)
            return rc;
    }
    return rc == RF_OK ? flush(s, l, to, total, eb) : rc;
}
