#include "run/predict_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_put.h"
#include "base/words.h"
#include "run/window.h"
#include "train/task_classify.h"

struct predictor {
    const struct run_model *run;
    const struct predict_cfg *cfg;
    const char *classes; /* names, each with LF */
    size_t n_classes;
    struct learner learner;
    struct window window;
    float *logits;   /* [batch,classes] */
    double *share;   /* [most,classes] the probabilities of each that waited */
    size_t *label;   /* [most] */
    uint64_t *tally; /* NULL: there are no labels */
    struct buf text;
};

static int need_classes(const struct run_model *m, struct errbuf *eb)
{
    const struct ckpt_state *s = ckpt_state(m->ckpt);

    if (task_of(&m->cfg) != &task_classify || !s->classes)
        return err_set(eb, RF_EINVAL, "'%s' was not trained to tell classes",
                       ckpt_path(m->ckpt));
    return run_need_edges(m, eb);
}

static int predictor_open(struct predictor *p, const struct run_model *m, bool labelled,
                          const struct predict_cfg *cfg, struct errbuf *eb)
{
    int rc = need_classes(m, eb);

    *p = (struct predictor){.run = m,
                            .cfg = cfg,
                            .learner = {.nn = m->nn, .model = m->model},
                            .classes = ckpt_state(m->ckpt)->classes};
    if (rc == RF_OK)
        rc = learner_open(&p->learner, &task_classify, &m->cfg, m->cfg.train.batch, eb);
    if (rc == RF_OK)
        rc = window_new(&p->window, m, eb);
    if (rc != RF_OK)
        return rc;
    p->n_classes = lines_in(p->classes);
    p->logits = calloc(p->window.batch, p->n_classes * sizeof *p->logits);
    p->share = calloc(p->window.most, p->n_classes * sizeof *p->share);
    p->label = calloc(p->window.most, sizeof *p->label);
    p->tally = labelled ? calloc(p->n_classes, p->n_classes * sizeof *p->tally) : NULL;
    return p->logits && p->share && p->label && (p->tally || !labelled) ? RF_OK : err_nomem(eb);
}

/* The tally is not freed: it is the caller's. */
static void predictor_close(struct predictor *p)
{
    learner_close(&p->learner);
    window_free(&p->window);
    free(p->logits);
    free(p->share);
    free(p->label);
    buf_free(&p->text);
}

static void softmax(double *y, const float *x, size_t n)
{
    double most = -(double)INFINITY, sum = 0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, (double)x[i]);
    for (size_t i = 0; i < n; i++)
        sum += y[i] = exp((double)x[i] - most);
    for (size_t i = 0; i < n; i++)
        y[i] /= sum;
}

static int see(void *self, const struct model_batch *b, const size_t *which, struct errbuf *eb)
{
    struct predictor *p = self;
    size_t C = p->n_classes;
    int rc = classify_logits(&p->learner, b, &p->run->draw, p->logits, eb);

    for (size_t i = 0; i < b->n && rc == RF_OK; i++) {
        softmax(p->share + which[i] * C, p->logits + i * C, C);
        if (!isfinite(p->share[which[i] * C]))
            rc = err_set(eb, RF_ENAN, "what the model says is no number");
    }
    return rc;
}

/* --- output */

static size_t best_of(const double *share, size_t n)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++)
        best = share[i] > share[best] ? i : best;
    return best;
}

static int put_fields(struct predictor *p, const double *share, size_t best)
{
    size_t len;
    const char *name = line_of(p->classes, best, &len);
    int rc = buf_printf(&p->text, "%.*s\t%.6f", (int)len, name, share[best]);

    for (size_t i = 0; p->cfg->all && i < p->n_classes && rc == RF_OK; i++)
        rc = buf_printf(&p->text, "\t%.6f", share[i]);
    return rc == RF_OK ? buf_put(&p->text, "\n", 1) : rc;
}

static int put_member(struct predictor *p, size_t class, double share, const char *before)
{
    size_t len;
    const char *name = line_of(p->classes, class, &len);
    int rc = buf_printf(&p->text, "%s", before);

    if (rc == RF_OK)
        rc = json_put_string(&p->text, name, len, JSON_CODES);
    return rc == RF_OK ? buf_printf(&p->text, ":%.6f", share) : rc;
}

static int put_object(struct predictor *p, const double *share, size_t best)
{
    size_t len;
    const char *name = line_of(p->classes, best, &len);
    int rc = buf_printf(&p->text, "{\"class\":");

    if (rc == RF_OK)
        rc = json_put_string(&p->text, name, len, JSON_CODES);
    if (rc == RF_OK)
        rc = buf_printf(&p->text, ",\"probability\":%.6f", share[best]);
    for (size_t i = 0; p->cfg->all && i < p->n_classes && rc == RF_OK; i++)
        rc = put_member(p, i, share[i], i ? "," : ",\"probabilities\":{");
    return rc == RF_OK ? buf_printf(&p->text, p->cfg->all ? "}}\n" : "}\n") : rc;
}

/* Show what waits, count it and write its lines. */
static int flush_classes(struct predictor *p, FILE *to, struct errbuf *eb)
{
    size_t n = p->window.n, C = p->n_classes;
    int rc = window_show(&p->window, see, p, eb);

    buf_clear(&p->text);
    for (size_t i = 0; i < n && rc == RF_OK; i++) {
        const double *share = p->share + i * C;
        size_t best = best_of(share, C);

        if (p->tally)
            p->tally[p->label[i] * C + best]++;
        if (to && (p->cfg->json ? put_object : put_fields)(p, share, best) != RF_OK)
            rc = err_nomem(eb);
    }
    if (rc == RF_OK && to && p->text.len)
        fwrite(p->text.data, 1, p->text.len, to); /* closing it says whether that went well */
    return rc;
}

static int add(struct predictor *p, struct examples *e, const struct example *x,
               struct predicted *total, struct errbuf *eb)
{
    const struct lines *l = examples_lines(e);
    struct window *w = &p->window;
    size_t label = p->tally ? class_number(p->classes, x->label, x->label_len) : 0, cut;

    if (label == SIZE_MAX)
        return err_set(eb, RF_EFORMAT, "'%s', line %llu: '%.*s' is none of the model's classes",
                       lines_name(l), (unsigned long long)lines_number(l),
                       (int)(x->label_len < 100 ? x->label_len : 100), x->label);
    if (example_encode(x, p->run->encoder, &ckpt_state(p->run->ckpt)->special, w->max_len,
                       &w->ids, &cut) != RF_OK)
        return err_nomem(eb);
    p->label[w->n] = label;
    window_add(w);
    total->examples++;
    total->cut += cut > 0;
    return RF_OK;
}

static int predict_all(struct predictor *p, struct examples *e, FILE *to,
                       struct predicted *total, struct errbuf *eb)
{
    struct example x;
    int rc;

    while ((rc = examples_next(e, &x, eb)) == 1) {
        rc = add(p, e, &x, total, eb);
        if (rc == RF_OK && window_is_full(&p->window))
            rc = flush_classes(p, to, eb);
        if (rc != RF_OK)
            return rc;
    }
    return rc == RF_OK ? flush_classes(p, to, eb) : rc;
}

int predict_text(const struct run_model *m, struct examples *e, bool labelled,
                 const struct predict_cfg *cfg, FILE *to, struct predicted *total,
                 struct errbuf *eb)
{
    struct predictor p;
    int rc = predictor_open(&p, m, labelled, cfg, eb);

    *total = (struct predicted){0};
    if (rc == RF_OK)
        rc = predict_all(&p, e, to, total, eb);
    total->tally = p.tally;
    predictor_close(&p);
    return rc;
}

/* --- what the labels say */

/* Sums over a row and over a column of the tally. */
static uint64_t sum(const uint64_t *at, size_t step, size_t n)
{
    uint64_t all = 0;

    for (size_t i = 0; i < n; i++)
        all += at[i * step];
    return all;
}

static double share_of(uint64_t part, uint64_t all)
{
    return all ? (double)part / (double)all : 0;
}

static int put_classes(struct buf *to, const char *classes, const uint64_t *tally, size_t C)
{
    int rc = buf_printf(to, "\nclass\texamples\tprecision\trecall\tf1\n");

    for (size_t c = 0; c < C && rc == RF_OK; c++) {
        uint64_t right = tally[c * C + c], row = sum(tally + c * C, 1, C),
                 column = sum(tally + c, C, C);
        size_t len;
        const char *name = line_of(classes, c, &len);

        rc = buf_printf(to, "%.*s\t%llu\t%.4f\t%.4f\t%.4f\n", (int)len, name,
                        (unsigned long long)row, share_of(right, column), share_of(right, row),
                        share_of(2 * right, row + column));
    }
    return rc;
}

static int put_tally(struct buf *to, const char *classes, const uint64_t *tally, size_t C)
{
    size_t len;
    const char *name;
    int rc = buf_printf(to, "\nright\\said");

    for (size_t c = 0; c < C && rc == RF_OK; c++) {
        name = line_of(classes, c, &len);
        rc = buf_printf(to, "\t%.*s%s", (int)len, name, c + 1 < C ? "" : "\n");
    }
    for (size_t c = 0; c < C && rc == RF_OK; c++) {
        name = line_of(classes, c, &len);
        rc = buf_printf(to, "%.*s", (int)len, name);
        for (size_t k = 0; k < C && rc == RF_OK; k++)
            rc = buf_printf(to, "\t%llu%s", (unsigned long long)tally[c * C + k],
                            k + 1 < C ? "" : "\n");
    }
    return rc;
}

int predict_report(struct buf *to, const char *classes, const uint64_t *tally)
{
    size_t C = lines_in(classes);
    uint64_t all = sum(tally, 1, C * C), right = sum(tally, C + 1, C);
    int rc = buf_printf(to, "examples\t%llu\naccuracy\t%.4f\nmacro_f1\t%.4f\n",
                        (unsigned long long)all, share_of(right, all),
                        all ? classify_macro_f1(tally, C) : 0);

    if (rc == RF_OK)
        rc = put_classes(to, classes, tally, C);
    return rc == RF_OK ? put_tally(to, classes, tally, C) : rc;
}
