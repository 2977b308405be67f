#include "run/strict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/decode.h"
#include "run/draw.h"
#include "run/run_data.h"
#include "train/slot.h"
#include "train/task.h"

enum { LOGIT_BYTES = 64 << 20 }; /* about how many bytes of logits are kept at once */

/* Those of one length go through the model together, side by side those that begin alike. */
struct record {
    size_t number, len;
    int32_t first; /* its first token */
};

/* Sequences from `from` on of those together that go on from the same first token, which is the
 * prompt that model_prefill() takes for all. */
struct part {
    struct model_past *past;
    size_t from, B;
};

struct strict {
    const struct run_model *run;
    const struct strict_cfg *cfg;
    struct train_source source;
    struct ckpt_state state;
    size_t V, batch, max_len;
    size_t room;            /* rows of logits that are kept at once, at least `batch` */
    struct slot slot;       /* a record */
    struct record *records; /* [source.records] sorted */
    struct part *parts;     /* [batch] */
    size_t n_parts;
    bool steps; /* the model can go on token by token */
    /* sequences that are in the model together: */
    size_t B, T, chosen;
    int32_t *ids;      /* [B,T], room for [batch,max_len] */
    size_t *positions; /* [chosen] ascending, of each; room for max_len */
    double *forced;    /* [B,chosen] losses, added in the order of the others: equal ones then
                          have equal sums */
    /* what a call of the model is given, and what it gives: */
    int32_t *prefixes, *rows; /* [batch,max_len], [room] */
    float *logits;            /* [room,V] */
    float *said;              /* [batch,V] by going on */
    struct progress *progress;
    struct strict_scores sum; /* not divided yet */
};

int run_need_next(const struct run_model *m, struct errbuf *eb)
{
    int rc = run_need_causal(m, eb);

    if (rc == RF_OK && task_of(&m->cfg)->data != TASK_DATA_NEXT)
        rc = err_set(eb, RF_EINVAL,
                     "'%s' was trained to fill in masked tokens, not for the next one "
                     "(data.task)",
                     ckpt_path(m->ckpt));
    return rc;
}

/* --- memory */

static void free_pasts(struct strict *s)
{
    while (s->n_parts)
        model_past_free(s->parts[--s->n_parts].past);
}

static void end(struct strict *s)
{
    slot_free(&s->slot);
    free_pasts(s);
    free(s->parts);
    free(s->records);
    free(s->ids);
    free(s->positions);
    free(s->forced);
    free(s->prefixes);
    free(s->rows);
    free(s->logits);
    free(s->said);
}

static int begin(struct strict *s, struct errbuf *eb)
{
    size_t all = s->batch * s->max_len;

    s->room = LOGIT_BYTES / (s->V * sizeof *s->logits);
    s->room = s->room < all ? s->room : all;
    s->room = s->room > s->batch ? s->room : s->batch;
    s->records = calloc(s->source.records + 1, sizeof *s->records);
    s->parts = calloc(s->batch, sizeof *s->parts);
    s->ids = calloc(all, sizeof *s->ids);
    s->positions = calloc(s->max_len, sizeof *s->positions);
    s->forced = calloc(all, sizeof *s->forced);
    s->prefixes = calloc(all, sizeof *s->prefixes);
    s->rows = calloc(s->room, sizeof *s->rows);
    s->logits = calloc(s->room, s->V * sizeof *s->logits);
    s->said = calloc(s->batch, s->V * sizeof *s->said);
    return slot_new(&s->slot, 1, s->max_len, NULL) == RF_OK && s->records && s->parts &&
                   s->ids && s->positions && s->forced && s->prefixes && s->rows && s->logits &&
                   s->said
               ? RF_OK
               : err_nomem(eb);
}

/* --- which labels */

static int read_record(struct strict *s, size_t number, struct errbuf *eb)
{
    return slot_fill(&s->slot, &s->source, number, 1, 0, &s->state, eb);
}

static size_t how_many(const struct strict *s, size_t labels)
{
    return s->cfg->positions && s->cfg->positions < labels ? s->cfg->positions : labels;
}

/* Choose among the labels of the record in the slot. */
static void choose(struct strict *s)
{
    size_t n = s->slot.n_labels[0];

    s->chosen = how_many(s, n);
    for (size_t i = 0; i < s->chosen; i++)
        s->positions[i] = s->slot.positions[(2 * i + 1) * n / (2 * s->chosen)];
}

static int by_likeness(const void *a, const void *b)
{
    const struct record *x = a, *y = b;

    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Bring sequences of one length together, and of these those with one first token. */
static int sort_records(struct strict *s, struct errbuf *eb)
{
    for (size_t i = 0; i < s->source.records; i++) {
        int rc = read_record(s, i, eb);

        if (rc != RF_OK)
            return rc;
        s->records[i] =
            (struct record){.number = i, .len = s->slot.len[0], .first = s->slot.ids[0]};
        s->sum.positions += how_many(s, s->slot.n_labels[0]);
    }
    qsort(s->records, s->source.records, sizeof *s->records, by_likeness);
    return RF_OK;
}

/* --- the model on sequences that are together */

/* The loss of the token behind position t of sequence b, by what the model says there. */
static double loss_of(const struct strict *s, const float *logits, size_t b, size_t t)
{
    return draw_log_sum(logits, s->V) - (double)logits[s->ids[b * s->T + t + 1]];
}

/* Whole sequences at once, all chosen positions of all of them, as many as there is room for at
 * a time. */
static int find_forced(struct strict *s, struct errbuf *eb)
{
    struct model_batch b = {.B = s->B, .T = s->T, .ids = s->ids, .rows = s->rows};
    size_t n = s->B * s->chosen;
    int rc = RF_OK;

    for (size_t from = 0; from < n && rc == RF_OK; from += b.n) {
        b.n = n - from < s->room ? n - from : s->room;
        for (size_t i = 0; i < b.n; i++)
            s->rows[i] =
                (int32_t)((from + i) / s->chosen * s->T + s->positions[(from + i) % s->chosen]);
        rc = model_logits(s->run->model, &b, &s->run->draw, NULL, s->logits, eb);
        for (size_t i = 0; i < b.n && rc == RF_OK; i++)
            s->forced[from + i] = loss_of(s, s->logits + i * s->V, (from + i) / s->chosen,
                                          s->positions[(from + i) % s->chosen]);
    }
    return rc;
}

/* The logits behind the tokens up to position t, by these alone. */
static int whole_forward(struct strict *s, size_t t, struct errbuf *eb)
{
    size_t T = t + 1;
    const struct model_batch b = {
        .B = s->B, .T = T, .ids = s->prefixes, .rows = s->rows, .n = s->B};

    for (size_t i = 0; i < s->B; i++) {
        memcpy(s->prefixes + i * T, s->ids + i * s->T, T * sizeof *s->ids);
        s->rows[i] = (int32_t)(i * T + t);
    }
    return model_logits(s->run->model, &b, &s->run->draw, NULL, s->logits, eb);
}

/* Begin to go on: with the first token, each that comes once. */
static int prefill(struct strict *s, struct errbuf *eb)
{
    int rc = RF_OK;

    free_pasts(s);
    for (size_t b = 0; b < s->B && rc == RF_OK; b += s->parts[s->n_parts - 1].B) {
        struct part *a = &s->parts[s->n_parts++];
        const int32_t *ids = s->ids + b * s->T;
        float *said = s->said + b * s->V;

        *a = (struct part){.from = b, .B = 1};
        while (b + a->B < s->B && ids[a->B * s->T] == *ids)
            a->B++;
        rc = model_past_new(&a->past, s->run->model, a->B, 1, s->T - 1, &s->run->draw, eb);
        if (rc == RF_OK)
            rc = model_prefill(a->past, ids, 1, said, eb);
        for (size_t i = 1; i < a->B && rc == RF_OK; i++)
            memcpy(said + i * s->V, said, s->V * sizeof *said);
    }
    return rc;
}

/* Go on, token by token, to position t: the logits behind it are in s->said. */
static int go_on_to(struct strict *s, size_t t, struct errbuf *eb)
{
    int rc = RF_OK;

    for (size_t i = 0; i < s->n_parts; i++) {
        const struct part *a = &s->parts[i];

        for (size_t at = model_past_length(a->past); at <= t && rc == RF_OK; at++) {
            for (size_t b = 0; b < a->B; b++)
                s->rows[b] = s->ids[(a->from + b) * s->T + at];
            rc = model_step(a->past, s->rows, s->said + a->from * s->V, eb);
        }
    }
    return rc;
}

/* Add what position k of those chosen has, of all sequences. */
static int add_position(struct strict *s, size_t k, struct errbuf *eb)
{
    size_t t = s->positions[k];
    int rc = s->steps ? go_on_to(s, t, eb) : RF_OK;

    if (rc == RF_OK)
        rc = whole_forward(s, t, eb);
    for (size_t b = 0; b < s->B && rc == RF_OK; b++) {
        const float *whole = s->logits + b * s->V, *said = s->said + b * s->V;

        s->sum.forced += s->forced[b * s->chosen + k];
        s->sum.strict += loss_of(s, whole, b, t);
        if (s->steps) {
            s->sum.step += loss_of(s, said, b, t);
            s->sum.kl += draw_divergence(whole, said, s->V);
        }
    }
    return rc;
}

/* Score B records of one length, from the i-th on. */
static int add_together(struct strict *s, size_t i, size_t B, uint64_t *done, struct errbuf *eb)
{
    int rc = RF_OK;

    s->B = B;
    s->T = s->records[i].len;
    for (size_t b = 0; b < B && rc == RF_OK; b++)
        if ((rc = read_record(s, s->records[i + b].number, eb)) == RF_OK)
            memcpy(s->ids + b * s->T, s->slot.ids, s->T * sizeof *s->ids);
    if (rc == RF_OK)
        choose(s); /* for all: labels follow from the length */
    if (rc == RF_OK)
        rc = find_forced(s, eb);
    if (rc == RF_OK && s->steps && s->chosen)
        rc = prefill(s, eb);
    for (size_t k = 0; k < s->chosen && rc == RF_OK; k++) {
        rc = add_position(s, k, eb);
        *done += B;
        progress_show(s->progress, *done, NULL);
    }
    return rc;
}

static int add_all(struct strict *s, struct errbuf *eb)
{
    size_t n = s->source.records;
    uint64_t done = 0;
    int rc = sort_records(s, eb);

    progress_start(s->progress, s->progress->label, "positions", 0, s->sum.positions,
                   s->progress->on);
    for (size_t i = 0, B; i < n && rc == RF_OK; i += B) {
        const struct record *r = &s->records[i];

        for (B = 1; B < s->batch && i + B < n; B++)
            if (r[B].len != r->len)
                break;
        rc = add_together(s, i, B, &done, eb);
    }
    progress_clear(s->progress);
    return rc;
}

int run_strict(const struct run_model *m, const struct eval_set *set,
               const struct strict_cfg *cfg, struct progress *p, struct strict_scores *scores,
               struct errbuf *eb)
{
    struct strict s = {.run = m,
                       .cfg = cfg,
                       .source = run_source(set->name, set->set, NULL),
                       .state = *ckpt_state(m->ckpt),
                       .batch = m->cfg.train.batch,
                       .steps = !model_past_bar(&m->cfg.model, ckpt_state(m->ckpt)->max_len),
                       .progress = p};
    double n;
    int rc;

    s.V = s.state.vocab_size;
    s.max_len = s.state.max_len;
    s.batch = s.batch < s.source.records ? s.batch : s.source.records;
    rc = begin(&s, eb);
    if (rc == RF_OK)
        rc = add_all(&s, eb);
    end(&s);
    if (rc != RF_OK)
        return rc;
    n = (double)s.sum.positions;
    *scores = (struct strict_scores){.positions = s.sum.positions,
                                     .forced = s.sum.forced / n,
                                     .strict = s.sum.strict / n,
                                     .step = s.steps ? s.sum.step / n : (double)NAN,
                                     .kl = s.steps ? s.sum.kl / n : (double)NAN};
    return RF_OK;
}
