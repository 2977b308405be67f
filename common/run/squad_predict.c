#include "run/squad_predict.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_put.h"
#include "train/task_qa.h"

/* A window that waits to be shown: window i of question q of the context. */
struct waiting {
    size_t q, i, passage, n;
};

struct squad_predictor {
    const struct run_model *run;
    struct learner learner; /* of the run's model */
    struct squad_features *features;
    struct squad_best *best;
    struct squad_predict_to to;
    bool first; /* nothing was written yet */
    size_t batch, max_len;
    struct waiting *waiting; /* [batch] */
    size_t n_waiting;
    size_t answered; /* questions of the context whose answers were written */
    int32_t *kept,
        *ids;      /* [batch,max_len] the sequences; side by side as the model sees them */
    uint8_t *real; /* [batch,max_len] */
    int32_t *rows; /* [batch,2] */
    float *logits; /* [batch,2,max_len] */
    struct buf text;
};

/* Find out what a sequence may have, and whether the model is one that answers. */
static int check_model(const struct run_model *m, struct squad_feature_cfg *cfg,
                       struct errbuf *eb)
{
    uint64_t most = ckpt_state(m->ckpt)->max_len;

    if (task_of(&m->cfg)->data != TASK_DATA_QA)
        return err_set(eb, RF_EINVAL,
                       "'%s' has not learned to answer questions: its task is %s",
                       ckpt_path(m->ckpt), task_names[m->cfg.data.task]);
    if (cfg->max_len == 0)
        cfg->max_len = most;
    if (cfg->max_len > most)
        return err_set(eb, RF_EINVAL, "'%s' takes sequences of up to %llu tokens, not %llu",
                       ckpt_path(m->ckpt), (unsigned long long)most,
                       (unsigned long long)cfg->max_len);
    return RF_OK;
}

static int predictor_memory(struct squad_predictor *p)
{
    size_t all = p->batch * p->max_len;

    p->waiting = calloc(p->batch, sizeof *p->waiting);
    p->kept = calloc(all, sizeof *p->kept);
    p->ids = calloc(all, sizeof *p->ids);
    p->real = calloc(all, sizeof *p->real);
    p->rows = calloc(p->batch, QA_LABELS * sizeof *p->rows);
    p->logits = calloc(all, QA_LABELS * sizeof *p->logits);
    return p->waiting && p->kept && p->ids && p->real && p->rows && p->logits ? RF_OK
                                                                              : RF_ENOMEM;
}

int squad_predictor_new(struct squad_predictor **out, const struct run_model *m,
                        const struct squad_predict_cfg *cfg, struct errbuf *eb)
{
    struct squad_feature_cfg features = cfg->features;
    struct squad_predictor *p;
    int rc = check_model(m, &features, eb);

    if (rc != RF_OK)
        return rc;
    if (!(p = calloc(1, sizeof *p)))
        return err_nomem(eb);
    p->run = m;
    p->batch = m->cfg.train.batch;
    p->max_len = features.max_len;
    p->learner = (struct learner){.nn = m->nn, .model = m->model};
    rc = predictor_memory(p) == RF_OK ? RF_OK : err_nomem(eb);
    if (rc == RF_OK)
        rc = learner_open(&p->learner, task_of(&m->cfg), &m->cfg, p->batch, eb);
    if (rc == RF_OK)
        rc = squad_features_new(&p->features, m->encoder, m->vocab, &features, eb);
    if (rc == RF_OK)
        rc = squad_best_new(&p->best, &cfg->best, eb);
    if (rc == RF_OK)
        *out = p;
    else
        squad_predictor_free(p);
    return rc;
}

void squad_predictor_free(struct squad_predictor *p)
{
    if (!p)
        return;
    learner_close(&p->learner);
    squad_features_free(p->features);
    squad_best_free(p->best);
    free(p->waiting);
    free(p->kept);
    free(p->ids);
    free(p->real);
    free(p->rows);
    free(p->logits);
    buf_free(&p->text);
    free(p);
}

/* --- output */

void squad_predict_begin(struct squad_predictor *p, const struct squad_predict_to *to)
{
    p->to = *to;
    p->first = true;
    if (!to->plain)
        fputc('{', to->answers);
    if (to->nbest)
        fputc('{', to->nbest);
}

void squad_predict_end(struct squad_predictor *p)
{
    if (!p->to.plain)
        fputs("\n}\n", p->to.answers);
    if (p->to.nbest)
        fputs("\n}\n", p->to.nbest);
}

/* Put the key of a question's answer. */
static int put_key(struct buf *text, const struct squad_question *q, bool first)
{
    if (buf_printf(text, "%s\n", first ? "" : ",") != RF_OK ||
        json_put_string(text, q->id, q->id_len, JSON_LETTERS) != RF_OK)
        return RF_ENOMEM;
    return buf_put(text, ": ", 2);
}

static int put_reply(struct buf *text, const struct squad_reply *reply)
{
    if (buf_printf(text, "{\"text\": ") != RF_OK ||
        json_put_string(text, reply->text, reply->len, JSON_LETTERS) != RF_OK ||
        buf_printf(text, ", \"probability\": ") != RF_OK ||
        json_put_real(text, reply->p, 6) != RF_OK ||
        buf_printf(text, ", \"start_logit\": ") != RF_OK ||
        json_put_real(text, (double)reply->start, 6) != RF_OK ||
        buf_printf(text, ", \"end_logit\": ") != RF_OK ||
        json_put_real(text, (double)reply->end, 6) != RF_OK)
        return RF_ENOMEM;
    return buf_put(text, "}", 1);
}

static int write_nbest(struct squad_predictor *p, const struct squad_question *q,
                       const struct squad_reply *replies, size_t n)
{
    struct buf *text = &p->text;
    int rc;

    buf_clear(text);
    rc = put_key(text, q, p->first);
    for (size_t i = 0; i < n && rc == RF_OK; i++) {
        rc = buf_printf(text, i ? ", " : "[");
        if (rc == RF_OK)
            rc = put_reply(text, &replies[i]);
    }
    if (rc == RF_OK)
        rc = buf_printf(text, n ? "]" : "[]");
    if (rc == RF_OK)
        fwrite(text->data, 1, text->len, p->to.nbest);
    return rc;
}

static int write_answer(struct squad_predictor *p, const struct squad_question *q,
                        const struct squad_reply *best)
{
    struct buf *text = &p->text;
    const char *answer = best ? best->text : "";
    size_t len = best ? best->len : 0;
    int rc;

    buf_clear(text);
    if (p->to.plain) {
        rc = buf_put(text, answer, len);
        if (rc == RF_OK)
            rc = buf_put(text, "\n", 1);
    } else {
        rc = put_key(text, q, p->first);
        if (rc == RF_OK)
            rc = json_put_string(text, answer, len, JSON_LETTERS);
    }
    if (rc == RF_OK)
        fwrite(text->data, 1, text->len, p->to.answers);
    return rc;
}

/* --- windows through the model */

/* Choose and write the answers of the questions before number q, whose windows were all seen:
 * that which was asked last, and those behind it that have no window. */
static int answer_up_to(struct squad_predictor *p, const struct squad_context *c, size_t q)
{
    const struct squad_reply *replies;
    size_t n;
    int rc = RF_OK;

    while (rc == RF_OK && p->answered < q) {
        const struct squad_question *question = &c->questions[p->answered++];

        rc = squad_best_choose(p->best, p->features, &replies, &n);
        if (rc == RF_OK && p->to.nbest)
            rc = write_nbest(p, question, replies, n);
        if (rc == RF_OK)
            rc = write_answer(p, question, n ? replies : NULL);
        p->first = false;
        squad_best_clear(p->best);
    }
    return rc;
}

/* Lay the waiting sequences side by side, T tokens each. */
static void lay_out(struct squad_predictor *p, size_t T)
{
    memset(p->ids, 0, p->n_waiting * T * sizeof *p->ids);
    memset(p->real, 0, p->n_waiting * T);
    for (size_t k = 0; k < p->n_waiting; k++) {
        const struct waiting *w = &p->waiting[k];

        memcpy(p->ids + k * T, p->kept + k * p->max_len, w->n * sizeof *p->ids);
        memset(p->real + k * T, 1, w->n);
        p->rows[QA_LABELS * k] = (int32_t)(k * T + w->passage);
        p->rows[QA_LABELS * k + 1] = (int32_t)(k * T + w->n - 2); /* before the last [SEP] */
    }
}

/* Show what waits, and answer the questions that it ends. */
static int show_waiting(struct squad_predictor *p, const struct squad_context *c,
                        struct errbuf *eb)
{
    struct model_batch b = {.B = p->n_waiting,
                            .ids = p->ids,
                            .real = p->real,
                            .rows = p->rows,
                            .n = QA_LABELS * p->n_waiting};
    bool cut;
    int rc;

    for (size_t k = 0; k < p->n_waiting; k++)
        b.T = p->waiting[k].n > b.T ? p->waiting[k].n : b.T;
    if (!b.n)
        return RF_OK;
    lay_out(p, b.T);
    rc = qa_logits(&p->learner, &b, &p->run->draw, p->logits, eb);
    for (size_t k = 0; k < p->n_waiting && rc == RF_OK; k++) {
        const struct waiting *w = &p->waiting[k];
        const struct squad_question *q = &c->questions[w->q];
        const float *start = p->logits + QA_LABELS * k * b.T, *end = start + b.T;

        rc = answer_up_to(p, c, w->q);
        if (rc == RF_OK)
            rc = squad_features_question(p->features, q->text, q->len, &cut);
        if (rc == RF_OK)
            rc = squad_best_add(p->best, p->features, w->i, start, end, w->n, w->passage);
        if (rc == RF_ENAN)
            return err_set(eb, RF_ENAN,
                           "what the model says to question '%s' in '%s' is no number", q->id,
                           c->file);
        if (rc == RF_ENOMEM)
            return err_nomem(eb);
    }
    p->n_waiting = 0;
    return rc;
}

/* Let a question's windows wait. */
static int add_question(struct squad_predictor *p, const struct squad_context *c, size_t q,
                        struct squad_predicted *t, struct errbuf *eb)
{
    const struct squad_question *question = &c->questions[q];
    size_t windows = 0;
    bool cut;
    int rc = RF_OK;

    for (size_t i = 0; rc == RF_OK && (i == 0 || i < windows); i++) {
        struct waiting w = {.q = q, .i = i};
        const int32_t *ids;

        /* The model was shown what waited, so `features` may have another question now. */
        if (squad_features_question(p->features, question->text, question->len, &cut) != RF_OK)
            return err_nomem(eb);
        windows = squad_features_windows(p->features);
        if (windows == 0)
            break;
        if (squad_features_sequence(p->features, i, &ids, &w.n, &w.passage) != RF_OK)
            return err_nomem(eb);
        memcpy(p->kept + p->n_waiting * p->max_len, ids, w.n * sizeof *ids);
        p->waiting[p->n_waiting++] = w;
        if (p->n_waiting == p->batch)
            rc = show_waiting(p, c, eb);
    }
    t->questions++;
    t->windows += windows;
    t->cut_questions += cut;
    t->empty += windows == 0;
    return rc;
}

int squad_predict(struct squad_predictor *p, const struct squad_context *c,
                  struct squad_predicted *t, struct errbuf *eb)
{
    int rc = squad_features_context(p->features, c) == RF_OK ? RF_OK : err_nomem(eb);

    p->n_waiting = p->answered = 0;
    squad_best_clear(p->best);
    for (size_t q = 0; rc == RF_OK && q < c->n; q++)
        rc = add_question(p, c, q, t, eb);
    if (rc == RF_OK)
        rc = show_waiting(p, c, eb);
    if (rc == RF_OK && answer_up_to(p, c, c->n) != RF_OK)
        rc = err_nomem(eb);
    return rc;
}

int squad_predict_files(struct squad_predictor *p, struct squad *from,
                        const struct squad_predict_to *to, struct squad_predicted *t,
                        struct progress *progress, struct errbuf *eb)
{
    struct squad_context c;
    int rc;

    squad_predict_begin(p, to);
    while ((rc = squad_next(from, &c, eb)) == 1) {
        if ((rc = squad_predict(p, &c, t, eb)) != RF_OK)
            return rc;
        progress_show(progress, squad_consumed(from), NULL);
    }
    squad_predict_end(p);
    return rc;
}
