#include "data/squad_encode.h"

#include "data/squad_score.h"

struct encode {
    const struct squad_encode_cfg *cfg;
    struct squad_encode_totals *t;
    struct squad_features *f;
    struct squad_scorer *scorer;
    struct shard_writer *to;
};

/* What a question's labels say. */
enum found { NO_ANSWER, MISPLACED, NO_TOKEN, FOUND };

static enum found find_answer(const struct encode *e, const struct squad_question *q,
                              struct squad_span *span)
{
    enum found found = q->n_answers ? MISPLACED : NO_ANSWER;

    for (size_t i = 0; i < q->n_answers && found != FOUND; i++) {
        const struct squad_answer *a = &q->answers[i];

        if (squad_features_answer(e->f, a->start, a->text, a->len, span))
            found = FOUND;
        else if (squad_features_stands(e->f, a->start, a->text, a->len))
            found = NO_TOKEN;
    }
    return found;
}

/* Write a window. `answer` is the span of the answer in the context, NULL: there is none.
 * *holds is set if the window has all of it. */
static int write_window(struct encode *e, size_t i, const struct squad_span *answer,
                        bool *holds, struct errbuf *eb)
{
    const struct squad_span window = squad_features_window(e->f, i);
    struct shard_record r = {.doc = e->t->questions - 1, .n_labels = 2};
    uint32_t positions[2];
    int32_t labels[2] = {0, 0};
    size_t passage;

    if (squad_features_sequence(e->f, i, &r.ids, &r.n_ids, &passage) != RF_OK)
        return err_nomem(eb);
    positions[0] = (uint32_t)passage;
    positions[1] = (uint32_t)(passage + window.last - window.first);
    if (answer && answer->first >= window.first && answer->last <= window.last) {
        labels[0] = (int32_t)(passage + answer->first - window.first);
        labels[1] = (int32_t)(passage + answer->last - window.first);
        e->t->with_answer++;
        *holds = true;
    }
    r.positions = positions;
    r.labels = labels;
    e->t->windows++;
    e->t->tokens += r.n_ids;
    return shard_write(e->to, &r, eb);
}

/* Score what the labels say, which is nothing if no window holds the answer. */
static int judge(struct encode *e, const struct squad_question *q, struct squad_span answer,
                 bool held, struct errbuf *eb)
{
    struct squad_score score;
    size_t len = 0;
    const char *text = held ? squad_features_text(e->f, answer, &len) : "";

    if (squad_score(e->scorer, text, len, q->answers, q->n_answers, &score) != RF_OK)
        return err_nomem(eb);
    e->t->judged++;
    e->t->exact += score.exact;
    e->t->f1 += score.f1;
    return RF_OK;
}

static int encode_question(struct encode *e, const struct squad_context *c,
                           const struct squad_question *q, struct errbuf *eb)
{
    struct squad_encode_totals *t = e->t;
    struct squad_span answer;
    enum found found = find_answer(e, q, &answer);
    bool cut, held = false;
    size_t windows;
    int rc = RF_OK;

    t->questions++;
    if (!q->has_answers)
        return err_set(eb, RF_EFORMAT,
                       "question '%s' in '%s', byte %llu, has no member 'answers'", q->id,
                       c->file, (unsigned long long)q->at);
    if (found == MISPLACED && e->cfg->strict)
        return err_set(
            eb, RF_EFORMAT,
            "the answer to question '%s' does not stand where 'answer_start' says in "
            "'%s', byte %llu",
            q->id, c->file, (unsigned long long)q->at);
    if (squad_features_question(e->f, q->text, q->len, &cut) != RF_OK)
        return err_nomem(eb);
    t->cut_questions += cut;
    t->no_answer += found == NO_ANSWER;
    t->misplaced += found == MISPLACED;
    t->no_token += found == NO_TOKEN;
    windows = squad_features_windows(e->f);
    t->empty_contexts += windows == 0;
    if (found == MISPLACED || found == NO_TOKEN)
        return RF_OK;
    for (size_t i = 0; rc == RF_OK && i < windows; i++)
        rc = write_window(e, i, found == FOUND ? &answer : NULL, &held, eb);
    if (rc == RF_OK && found == FOUND) {
        t->no_window += !held;
        rc = judge(e, q, answer, held, eb);
    }
    return rc;
}

int squad_encode(struct squad *from, struct shard_writer *to, struct wordpiece *w,
                 const struct vocab *v, const struct squad_encode_cfg *cfg,
                 struct squad_encode_totals *t, struct progress *p, struct errbuf *eb)
{
    struct encode e = {.cfg = cfg, .t = t, .to = to};
    struct squad_context c;
    int rc = squad_features_new(&e.f, w, v, &cfg->features, eb);

    if (rc == RF_OK)
        rc = squad_scorer_new(&e.scorer, (enum squad_metric)cfg->metric, eb);
    while (rc == RF_OK && (rc = squad_next(from, &c, eb)) == 1) {
        rc = squad_features_context(e.f, &c) == RF_OK ? RF_OK : err_nomem(eb);
        for (size_t i = 0; rc == RF_OK && i < c.n; i++)
            rc = encode_question(&e, &c, &c.questions[i], eb);
        progress_show(p, squad_consumed(from), NULL);
    }
    squad_scorer_free(e.scorer);
    squad_features_free(e.f);
    return rc;
}
