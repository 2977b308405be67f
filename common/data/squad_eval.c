#include "data/squad_eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/par.h"
#include "base/rng.h"
#include "base/strtab.h"

struct prediction {
    size_t at;      /* in `texts` */
    uint64_t place; /* the byte of the file where it begins */
    uint32_t len;   /* up to JSON_MAX_BYTES */
    bool is_text, used;
};

/* A question of the gold file, and what its prediction is worth. */
struct asked {
    uint64_t text;       /* where in `gold_texts` the id begins; the right answers follow it */
    uint64_t at;         /* the byte of the file where it begins */
    uint64_t first;      /* the first of its answers' lengths in `lengths` */
    double f1;           /* of the best answer, whose number is `best` */
    uint32_t id_len, n;  /* n answers */
    uint32_t prediction; /* its number, NO_PREDICTION: there is none */
    uint32_t best : 31, exact : 1;
};

#define NO_PREDICTION UINT32_MAX

enum { PREDICTIONS, GOLD, FILES };

/* Questions that one thread scores. */
enum { SHARE_LEAST = 1024, SHARES_MAX = 64 };

struct eval {
    struct squad_eval *r;
    const struct squad_eval_cfg *cfg;
    const char *names[FILES];
    int rc[FILES]; /* of reading them, and why */
    struct errbuf eb[FILES];
    struct strtab ids;
    struct buf texts, items; /* items are of struct prediction, in the order of ids */
    struct buf gold_texts, asked, lengths; /* with a NUL each; struct asked; uint32_t */
    size_t shares;
    int share_rc[SHARES_MAX];
    struct buf f1s, exacts; /* double and char, one a question: only with resamples */
    uint64_t exact;         /* how many match exactly */
    double f1;              /* the sum */
    FILE *each;
    struct buf *notes, line;
};

static struct prediction *items(const struct eval *e)
{
    return (struct prediction *)(void *)e->items.data;
}

/* --- predictions */

/* Read the value of a prediction, whose id was read. */
static int read_prediction(struct eval *e, struct json *j, size_t index, struct errbuf *eb)
{
    const struct prediction none = {.len = 0};
    struct prediction *p;
    struct json_token t;
    int rc;

    if (index * sizeof none == e->items.len) {
        if (buf_put(&e->items, &none, sizeof none) != RF_OK)
            return err_nomem(eb);
    } else {
        e->r->repeated++;
    }
    p = &items(e)[index];
    if ((rc = json_next(j, &t, eb)) < 0)
        return rc;
    *p = (struct prediction){.at = e->texts.len,
                             .place = t.offset,
                             .len = rc == JSON_STRING ? (uint32_t)t.len : 0,
                             .is_text = rc == JSON_STRING};
    if (rc != JSON_STRING)
        return json_skip(j, eb);
    return buf_put(&e->texts, t.text, t.len) == RF_OK ? RF_OK : err_nomem(eb);
}

static int read_object(struct eval *e, struct json *j, struct errbuf *eb)
{
    struct json_token t;
    size_t index;
    int rc = json_next(j, &t, eb);

    if (rc > 0 && rc != JSON_OBJECT)
        return err_set(eb, RF_EFORMAT, "the predictions in '%s' are no object, byte %llu",
                       e->names[PREDICTIONS], (unsigned long long)t.offset);
    while (rc > 0 && (rc = json_next(j, &t, eb)) == JSON_KEY) {
        if (strtab_add(&e->ids, t.text, t.len, &index) != RF_OK)
            return err_nomem(eb);
        if ((rc = read_prediction(e, j, index, eb)) != RF_OK)
            return rc;
        rc = JSON_KEY;
    }
    return rc > 0 ? json_next(j, &t, eb) : rc; /* nothing may follow */
}

static int read_predictions(struct eval *e, struct errbuf *eb)
{
    static const struct json_cfg strict = {.invalid = INVALID_REFUSE};
    struct input *in = NULL;
    struct json *j = NULL;
    int rc = input_open(&in, e->names[PREDICTIONS], INPUT_TEXT, eb);

    if (rc == RF_OK)
        rc = json_open(&j, in, &strict, eb);
    if (rc == RF_OK)
        rc = read_object(e, j, eb);
    json_close(j);
    input_close(in);
    return rc;
}

/* --- questions */

static struct asked *asked(const struct eval *e, size_t *n)
{
    *n = e->asked.len / sizeof(struct asked);
    return (struct asked *)(void *)e->asked.data;
}

static const char *id_of(const struct eval *e, const struct asked *q)
{
    return e->gold_texts.data + q->text;
}

static size_t length_of(const struct eval *e, const struct asked *q, size_t i)
{
    return ((const uint32_t *)(const void *)e->lengths.data)[q->first + i];
}

/* Keep a text with a NUL behind it. */
static int keep_text(struct eval *e, const char *text, size_t len)
{
    return buf_put(&e->gold_texts, text, len + 1);
}

static int keep_question(struct eval *e, const struct squad_question *q)
{
    struct asked a = {.text = e->gold_texts.len,
                      .id_len = (uint32_t)q->id_len, /* texts are below SQUAD_MAX_BYTES */
                      .first = e->lengths.len / sizeof(uint32_t),
                      .n = (uint32_t)q->n_answers,
                      .at = q->at,
                      .prediction = NO_PREDICTION};
    int rc = keep_text(e, q->id, q->id_len);

    for (size_t i = 0; rc == RF_OK && i < q->n_answers; i++) {
        uint32_t len = (uint32_t)q->answers[i].len;

        if ((rc = keep_text(e, q->answers[i].text, len)) == RF_OK)
            rc = buf_put(&e->lengths, &len, sizeof len);
    }
    return rc == RF_OK ? buf_put(&e->asked, &a, sizeof a) : rc;
}

static int read_gold(struct eval *e, struct errbuf *eb)
{
    static const struct squad_cfg wanted = {.answers = true};
    char *names[] = {strdup(e->names[GOLD])};
    struct squad *s = NULL;
    struct squad_context c;
    int rc = names[0] ? squad_open(&s, names, 1, &wanted, eb) : err_nomem(eb);

    while (rc == RF_OK && (rc = squad_next(s, &c, eb)) == 1) {
        rc = RF_OK;
        for (size_t i = 0; rc == RF_OK && i < c.n; i++)
            if (keep_question(e, &c.questions[i]) != RF_OK)
                rc = err_nomem(eb);
    }
    squad_close(s);
    free(names[0]);
    return rc;
}

/* Read one of the two files, each on a thread of its own. */
static void read_file(void *ctx, size_t i)
{
    struct eval *e = ctx;

    e->rc[i] = i == PREDICTIONS ? read_predictions(e, &e->eb[i]) : read_gold(e, &e->eb[i]);
}

/* --- scores */

/* Find the number of a question's prediction, which is likely *next: most files have them in
 * one order. */
static uint32_t find_prediction(const struct eval *e, const struct asked *q, size_t *next)
{
    size_t index = *next, len = 0;
    const char *id = index < e->ids.n ? strtab_get(&e->ids, index, &len) : NULL;

    if (!id || len != q->id_len || memcmp(id, id_of(e, q), len) != 0)
        index = e->ids.n ? strtab_find(&e->ids, id_of(e, q), q->id_len) : STRTAB_NONE;
    if (index == STRTAB_NONE)
        return NO_PREDICTION;
    *next = index + 1;
    return (uint32_t)index; /* a table has at most 2^32 - 2 strings */
}

static const char *text_of(const struct eval *e, const struct prediction *p)
{
    return e->texts.data ? e->texts.data + p->at : "";
}

/* Lay out the right answers of a question, which `room` holds until it is another's. */
static const struct squad_answer *answers_of(const struct eval *e, const struct asked *q,
                                             struct buf *room)
{
    const char *text = id_of(e, q) + q->id_len + 1;

    buf_clear(room);
    for (size_t i = 0; i < q->n; i++) {
        const struct squad_answer a = {.text = text, .len = length_of(e, q, i)};

        if (buf_put(room, &a, sizeof a) != RF_OK)
            return NULL;
        text += a.len + 1;
    }
    return (const void *)room->data;
}

static int score_question(const struct eval *e, struct asked *q, struct squad_scorer *scorer,
                          struct buf *room)
{
    const struct prediction *p = &items(e)[q->prediction];
    const struct squad_answer *answers;
    struct squad_score score;

    if (!p->is_text || !q->n)
        return RF_OK; /* it is refused in its turn */
    if (!(answers = answers_of(e, q, room)) ||
        squad_score(scorer, text_of(e, p), p->len, answers, q->n, &score) != RF_OK)
        return RF_ENOMEM;
    q->f1 = score.f1;
    q->best = (uint32_t)score.best & INT32_MAX; /* a context has not so many answers */
    q->exact = score.exact;
    return RF_OK;
}

/* Score a share of the questions; what cannot be scored has no score. */
static void score_share(void *ctx, size_t share)
{
    struct eval *e = ctx;
    struct squad_scorer *scorer = NULL;
    struct buf room = {0};
    size_t n, next = 0;
    struct asked *all = asked(e, &n);
    int rc = squad_scorer_new(&scorer, (enum squad_metric)e->cfg->metric, NULL);

    for (size_t i = n * share / e->shares; rc == RF_OK && i < n * (share + 1) / e->shares; i++)
        if ((all[i].prediction = find_prediction(e, &all[i], &next)) != NO_PREDICTION)
            rc = score_question(e, &all[i], scorer, &room);
    squad_scorer_free(scorer);
    buf_free(&room);
    e->share_rc[share] = rc;
}

static int score_all(struct eval *e, int threads, struct errbuf *eb)
{
    size_t n;

    asked(e, &n);
    e->shares = 1 + n / SHARE_LEAST;
    if (e->shares > (size_t)threads)
        e->shares = (size_t)threads;
    if (e->shares > SHARES_MAX)
        e->shares = SHARES_MAX;
    par_for(threads, e->shares, score_share, e);
    for (size_t i = 0; i < e->shares; i++)
        if (e->share_rc[i] != RF_OK)
            return err_nomem(eb);
    return RF_OK;
}

/* --- sums, in the order of the questions */

static int put_field(struct buf *to, const char *text, size_t n)
{
    size_t from = to->len;
    int rc = buf_put(to, text, n);

    for (size_t i = from; rc == RF_OK && i < to->len; i++)
        if ((unsigned char)to->data[i] < ' ' || to->data[i] == 0x7F)
            to->data[i] = ' ';
    return rc;
}

/* Returns the right answer that is nearest to the prediction. */
static const char *best_answer(const struct eval *e, const struct asked *q, size_t *len)
{
    const char *text = id_of(e, q) + q->id_len + 1;

    for (size_t i = 0; i < q->best; i++)
        text += length_of(e, q, i) + 1;
    *len = length_of(e, q, q->best);
    return text;
}

/* Print the line of a question. `p`, its prediction, may be NULL. */
static int print_question(struct eval *e, const struct asked *q, const struct prediction *p,
                          struct errbuf *eb)
{
    size_t len = 0;
    const char *best = p ? best_answer(e, q, &len) : "";
    struct buf *line = &e->line;

    buf_clear(line);
    if (put_field(line, id_of(e, q), q->id_len) != RF_OK ||
        buf_printf(line, "\t%d\t%.6f\t", (int)q->exact, q->f1) != RF_OK ||
        put_field(line, p ? text_of(e, p) : "", p ? p->len : 0) != RF_OK ||
        buf_put(line, "\t", 1) != RF_OK || put_field(line, best, len) != RF_OK ||
        buf_put(line, "\n", 1) != RF_OK)
        return err_nomem(eb);
    fwrite(line->data, 1, line->len, e->each);
    return RF_OK;
}

static int note_name(struct eval *e, const char *what, const char *id)
{
    return e->notes ? buf_printf(e->notes, "%s '%s'\n", what, id) : RF_OK;
}

/* Refuse a prediction that cannot be compared. */
static int check_prediction(const struct eval *e, const struct asked *q,
                            const struct prediction *p, struct errbuf *eb)
{
    const char *id = id_of(e, q), *gold = e->names[GOLD];

    if (!p->is_text)
        return err_set(eb, RF_EFORMAT,
                       "the prediction for '%s' is no string in '%s', byte %llu", id,
                       e->names[PREDICTIONS], (unsigned long long)p->place);
    if (!q->n)
        return err_set(eb, RF_EFORMAT, "no answer to question '%s' in '%s', byte %llu", id,
                       strcmp(gold, "-") == 0 ? "standard input" : gold,
                       (unsigned long long)q->at);
    return RF_OK;
}

static int sum_question(struct eval *e, const struct asked *q, struct errbuf *eb)
{
    struct prediction *p = q->prediction == NO_PREDICTION ? NULL : &items(e)[q->prediction];
    int rc;

    e->r->questions++;
    if (!p) {
        e->r->missing++;
        if (note_name(e, "no prediction for question", id_of(e, q)) != RF_OK)
            return err_nomem(eb);
    } else {
        p->used = true;
        if ((rc = check_prediction(e, q, p, eb)) != RF_OK)
            return rc;
    }
    e->exact += q->exact;
    e->f1 += q->f1;
    if (e->cfg->resamples && (buf_put(&e->exacts, (const char[]){q->exact}, 1) != RF_OK ||
                              buf_put(&e->f1s, &q->f1, sizeof q->f1) != RF_OK))
        return err_nomem(eb);
    return e->each ? print_question(e, q, p, eb) : RF_OK;
}

/* Sum up. Of a gold file that is broken somewhere the questions before that place come first,
 * with what is wrong about them. */
static int sum_all(struct eval *e, struct errbuf *eb)
{
    size_t n;
    const struct asked *all = asked(e, &n);
    int rc = RF_OK;

    for (size_t i = 0; rc == RF_OK && i < n; i++)
        rc = sum_question(e, &all[i], eb);
    if (rc == RF_OK && e->rc[GOLD] != RF_OK) {
        if (eb)
            *eb = e->eb[GOLD];
        return e->rc[GOLD];
    }
    if (rc == RF_OK && n == 0)
        rc = err_set(eb, RF_EFORMAT, "no question in '%s'", e->names[GOLD]);
    for (size_t i = 0; rc == RF_OK && i < e->ids.n; i++)
        if (!items(e)[i].used) {
            e->r->extra++;
            if (note_name(e, "no question for prediction", strtab_get(&e->ids, i, NULL)) !=
                RF_OK)
                rc = err_nomem(eb);
        }
    return rc;
}

/* --- intervals */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static struct squad_interval middle(double *x, size_t n)
{
    size_t out = (size_t)(0.025 * (double)n); /* on each side */

    qsort(x, n, sizeof *x, by_size);
    return (struct squad_interval){x[out], x[n - 1 - out]};
}

/* Draw as many questions as there are, with replacement, again and again, and see where the
 * scores of most draws lie (Efron 1979, "Bootstrap methods"; percentiles). */
static int resample(struct eval *e, struct errbuf *eb)
{
    size_t n = e->exacts.len, N = (size_t)e->cfg->resamples;
    double *means = calloc(N, 2 * sizeof *means), *exact = means,
           *f1 = means ? means + N : NULL;
    const double *f1s = (const void *)e->f1s.data;

    if (!means)
        return err_nomem(eb);
    for (size_t k = 0; k < N; k++) {
        const struct rng r = rng_stream(e->cfg->seed, k, 0, RNG_RESAMPLE);
        uint64_t hits = 0;
        uint32_t w[4];

        for (size_t i = 0; i < n; i++) {
            size_t at;

            if (i % 4 == 0)
                rng_block(w, r, i / 4);
            at = (size_t)((uint64_t)w[i % 4] * n >> 32);
            hits += (uint64_t)e->exacts.data[at];
            f1[k] += f1s[at];
        }
        exact[k] = 100.0 * (double)hits / (double)n;
        f1[k] = 100.0 * f1[k] / (double)n;
    }
    e->r->exact_range = middle(exact, N);
    e->r->f1_range = middle(f1, N);
    free(means);
    return RF_OK;
}

/* Compare both files. */
static int evaluate(struct eval *e, struct errbuf *eb)
{
    int threads = par_threads(e->cfg->threads), rc;

    par_for(threads, FILES, read_file, e);
    if (e->rc[PREDICTIONS] != RF_OK) {
        if (eb)
            *eb = e->eb[PREDICTIONS];
        return e->rc[PREDICTIONS];
    }
    rc = score_all(e, threads, eb);
    if (rc == RF_OK)
        rc = sum_all(e, eb);
    if (rc == RF_OK) {
        e->r->exact_match = 100.0 * (double)e->exact / (double)e->r->questions;
        e->r->f1 = 100.0 * e->f1 / (double)e->r->questions;
        rc = e->cfg->resamples ? resample(e, eb) : RF_OK;
    }
    return rc;
}

int squad_eval(struct squad_eval *r, const char *gold, const char *predictions,
               const struct squad_eval_cfg *cfg, FILE *each, struct buf *names,
               struct errbuf *eb)
{
    struct eval e = {.r = r, .cfg = cfg, .each = each, .notes = names};
    int rc;

    *r = (struct squad_eval){.questions = 0};
    e.names[PREDICTIONS] = predictions;
    e.names[GOLD] = gold;
    rc = evaluate(&e, eb);
    strtab_free(&e.ids);
    buf_free(&e.texts);
    buf_free(&e.items);
    buf_free(&e.gold_texts);
    buf_free(&e.asked);
    buf_free(&e.lengths);
    buf_free(&e.f1s);
    buf_free(&e.exacts);
    buf_free(&e.line);
    return rc;
}

/* --- results */

/* Append x, 0 to 100, as Python's repr() has it: the fewest digits that give x again. */
static int put_repr(struct buf *to, double x)
{
    char text[40];
    int digits = 0, decimals;

    do
        snprintf(text, sizeof text, "%.*e", digits++, x);
    while (digits < 17 && strtod(text, NULL) != x);
    if (x != 0 && x < 1e-4) {
        char *e = strchr(text, 'e');

        return buf_printf(to, "%s", e ? text : "");
    }
    decimals = digits - 1 - (x == 0 ? 0 : (int)strtol(strchr(text, 'e') + 1, NULL, 10));
    return buf_printf(to, "%.*f", decimals < 1 ? 1 : decimals, x);
}

static int put_range(struct buf *to, const char *name, const struct squad_interval *range)
{
    if (buf_printf(to, ", \"%s\": [", name) != RF_OK || put_repr(to, range->low) != RF_OK ||
        buf_put(to, ", ", 2) != RF_OK || put_repr(to, range->high) != RF_OK)
        return RF_ENOMEM;
    return buf_put(to, "]", 1);
}

int squad_eval_json(struct buf *to, const struct squad_eval *r,
                    const struct squad_eval_cfg *cfg)
{
    if (buf_printf(to, "{\"exact_match\": ") != RF_OK ||
        put_repr(to, r->exact_match) != RF_OK || buf_printf(to, ", \"f1\": ") != RF_OK ||
        put_repr(to, r->f1) != RF_OK)
        return RF_ENOMEM;
    if (cfg->resamples && (put_range(to, "exact_match_95", &r->exact_range) != RF_OK ||
                           put_range(to, "f1_95", &r->f1_range) != RF_OK))
        return RF_ENOMEM;
    return buf_put(to, "}\n", 2);
}

static int put_score(struct buf *to, const char *name, double score,
                     const struct squad_interval *range)
{
    if (buf_printf(to, "%-12s%9.4f", name, score) != RF_OK)
        return RF_ENOMEM;
    if (range && buf_printf(to, "%9.4f%9.4f", range->low, range->high) != RF_OK)
        return RF_ENOMEM;
    return buf_put(to, "\n", 1);
}

int squad_eval_table(struct buf *to, const struct squad_eval *r,
                     const struct squad_eval_cfg *cfg)
{
    bool ranges = cfg->resamples > 0;

    if (buf_printf(to, "%-12s%9s%s\n", squad_metric_names[cfg->metric], "score",
                   ranges ? " 95% from       to" : "") != RF_OK ||
        put_score(to, "exact match", r->exact_match, ranges ? &r->exact_range : NULL) !=
            RF_OK ||
        put_score(to, "F1", r->f1, ranges ? &r->f1_range : NULL) != RF_OK)
        return RF_ENOMEM;
    return buf_printf(to, "%-12s%9llu\n%-12s%9llu\n", "questions",
                      (unsigned long long)r->questions, "unanswered",
                      (unsigned long long)r->missing);
}
