/* test_task.c: the outputs of tasks qa and classify: their losses and gradients, by differences
 * and as torch has them, and what evaluations count. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ckpt/safetensors.h"
#include "train/task_classify.h"
#include "train/task_qa.h"

enum { V = 24, LEN = 12, B = 3, CLASSES = 4 };

static const char class_names[] = "a\nb\nc\nd\n";

struct one {
    struct rf_config cfg;
    const struct task *task;
    struct nn *nn;
    struct learner l;
    struct model_batch batch;
    struct model_draw draw;
    struct nn_sum *sum;
};

static const int32_t ids[B * LEN] = {2, 7, 9, 3,  11, 12, 13, 14, 15, 16, 17, 3, /* full */
                                     2, 8, 3, 18, 19, 20, 3,  0,  0,  0,  0,  0,
                                     2, 5, 6, 3,  21, 22, 23, 10, 3,  0,  0,  0};
static const uint8_t real[B * LEN] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                      1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0};
/* Of each passage the first token and the last; the answers, of which the second is none. */
static const int32_t passages[2 * B] = {4, 10, LEN + 3, LEN + 5, 2 * LEN + 4, 2 * LEN + 7};
static const int32_t answers[2 * B] = {5, 8, 0, 0, 7, 7};
static const int32_t firsts[B] = {0, LEN, 2 * LEN}, classes[B] = {3, 0, 1};

/* Question and passage share tokens. */
static const int32_t match_ids[B * LEN] = {2, 7, 9, 3,  9, 12, 7,  9,  15, 7, 17, 3,
                                           2, 8, 3, 18, 8, 8,  3,  0,  0,  0, 0,  0,
                                           2, 5, 6, 3,  6, 5,  23, 10, 3,  0, 0,  0};

static void open_one(struct one *o, enum task_kind kind, void (*set)(struct rf_config *c))
{
    struct learner_size size = {
        .max_len = LEN, .vocab_size = V, .use = MODEL_BACKWARD, .levels = 1};

    *o = (struct one){.cfg = rf_config_default, .task = tasks[kind], .draw = {.train = true}};
    o->cfg.model.dim = 8;
    o->cfg.model.depth = 1;
    o->cfg.model.heads = 2;
    o->cfg.model.chunk = 4;
    o->cfg.model.full_attn = true;
    o->cfg.model.position = POSITION_ROTARY;
    o->cfg.train.batch = B;
    o->cfg.data.task = kind;
    if (set)
        set(&o->cfg);
    size.task = o->task;
    size.model = task_model(o->task, &o->cfg, kind == TASK_CLASSIFY ? class_names : NULL);
    assert_int_equal(nn_open(&o->nn, NN_CPU, 1, NULL), RF_OK);
    assert_int_equal(learner_new(&o->l, o->nn, &o->cfg, &size, NULL), RF_OK);
    o->sum = o->nn->ops->mem_new(o->nn, TASK_SUMS_MAX * sizeof *o->sum);
    o->batch = (struct model_batch){.B = B,
                                    .T = LEN,
                                    .ids = o->cfg.data.match ? match_ids : ids,
                                    .real = real,
                                    .rows = kind == TASK_QA ? passages : firsts,
                                    .labels = kind == TASK_QA ? answers : classes,
                                    .n = kind == TASK_QA ? 2 * B : B};
}

static void close_one(struct one *o)
{
    o->nn->ops->mem_free(o->nn, o->sum, TASK_SUMS_MAX * sizeof *o->sum);
    learner_free(&o->l);
    nn_close(o->nn);
}

/* The sum of the losses; with `grad` the gradients are those of it. */
static double loss_of(struct one *o, float *grad)
{
    if (grad)
        memset(grad, 0, o->l.grad_bytes);
    memset(o->sum, 0, TASK_SUMS_MAX * sizeof *o->sum);
    assert_int_equal(o->task->loss(&o->l, &o->batch, &o->draw, grad, NULL, o->sum, NULL),
                     RF_OK);
    return o->sum[0].loss;
}

static size_t steepest(const float *gradient, size_t n)
{
    size_t at = 0;

    for (size_t i = 1; i < n; i++)
        if (fabsf(gradient[i]) > fabsf(gradient[at]))
            at = i;
    return at;
}

/* The steepest number of each parameter, moved to both sides. Streams are rounded to 2^-18, so
 * that a loss is good to about 1e-6 and a slope to that / step, and the curve bends. */
static void check_slopes(struct one *o)
{
    const double step = 4e-3;
    const struct params *ps = model_params(o->l.model);
    float *grad = o->l.grad[0];

    (void)loss_of(o, grad);
    for (size_t i = 0; i < ps->n; i++) {
        const struct param *p = &ps->p[i];
        float *w = model_weights(o->l.model) + p->offset;
        size_t at = p->count ? steepest(grad + p->offset, p->count) : 0;
        double up, down, slope, got = (double)grad[p->offset + at];
        float was;

        if (!p->count)
            continue;
        was = w[at];
        w[at] = was + (float)step;
        up = loss_of(o, NULL);
        w[at] = was - (float)step;
        down = loss_of(o, NULL);
        w[at] = was;
        slope = (up - down) / (2 * step);
        if (!(fabs(slope - got) <= 2e-3 + 0.02 * fabs(slope)))
            fail_msg("%s: slope %g, gradient %g", p->name, slope, got);
        if (i >= PARAM_OUTPUT && i < PARAM_BRANCHES && got == 0)
            fail_msg("%s: no gradient", p->name);
    }
}

static void set_dropout(struct rf_config *c)
{
    c->model.head_dropout = 0.25;
}

static void set_match(struct rf_config *c)
{
    c->data.match = true;
    c->model.emb_dim = 6;
}

static void gradients_are_the_slope_of_the_loss(void **state)
{
    struct one with;

    (void)state;
    open_one(&with, TASK_QA, set_match);
    check_slopes(&with);
    close_one(&with);
    for (int kind = TASK_QA; kind <= TASK_CLASSIFY; kind++)
        for (int drops = 0; drops < 2; drops++) {
            struct one o;

            open_one(&o, (enum task_kind)kind, drops ? set_dropout : NULL);
            check_slopes(&o);
            close_one(&o);
        }
}

/* Slots, steps and sequences drop other numbers; an evaluation none. */
static void dropouts_differ(void **state)
{
    (void)state;
    for (int kind = TASK_QA; kind <= TASK_CLASSIFY; kind++) {
        struct one o;
        double first, plain;

        open_one(&o, (enum task_kind)kind, set_dropout);
        first = loss_of(&o, NULL);
        assert_true(loss_of(&o, NULL) == first);
        o.draw.slot = 1;
        assert_true(loss_of(&o, NULL) != first);
        o.draw.slot = 0;
        o.draw.step = 1;
        assert_true(loss_of(&o, NULL) != first);
        o.draw.step = 0;
        o.draw.train = false;
        plain = loss_of(&o, NULL);
        o.l.head_dropout = 0;
        o.draw.train = true;
        assert_true(plain != first && loss_of(&o, NULL) == plain);
        close_one(&o);
    }
}

/* What is outside of the passage cannot be an answer, the first token apart. */
static void only_the_passage_can_answer(void **state)
{
    float logits[B * 2 * LEN];
    struct one o;

    (void)state;
    open_one(&o, TASK_QA, NULL);
    assert_int_equal(qa_logits(&o.l, &o.batch, &o.draw, logits, NULL), RF_OK);
    for (size_t s = 0; s < B; s++)
        for (size_t i = 0; i < 2 * LEN; i++) {
            int32_t t = (int32_t)(i % LEN), at = (int32_t)(s * LEN) + t;
            bool can = t == 0 || (at >= passages[2 * s] && at <= passages[2 * s + 1]);

            assert_int_equal(logits[s * 2 * LEN + i] > QA_NO_LOGIT, can);
        }
    close_one(&o);
}

/* --- what evaluations count */

static void spans_are_compared(void **state)
{
    static const float start[] = {9, 1, 5, 2, 0, 0}, end[] = {9, 4, 0, 1, 0, 3};
    static float far_start[40], far_end[40];
    struct qa_span s = qa_best(start, end, 1, 5);

    (void)state;
    assert_true(s.start == 2 && s.end == 5); /* 1-1 has 5, 2-5 has 8 */
    s = qa_best(start, end, 3, 4);
    assert_true(s.start == 3 && s.end == 3);
    far_start[2] = far_end[31] = far_end[32] = 1;
    far_end[32] = 9; /* the 31st token from 2 on */
    s = qa_best(far_start, far_end, 1, 39);
    assert_true(s.start == 3 && s.end == 32);
    far_end[32] = 0;
    s = qa_best(far_start, far_end, 1, 39);
    assert_true(s.start == 2 && s.end == 31);
    assert_true(qa_f1((struct qa_span){2, 5}, (struct qa_span){2, 5}) == 1);
    assert_true(qa_f1((struct qa_span){2, 5}, (struct qa_span){6, 7}) == 0);
    assert_true(qa_f1((struct qa_span){2, 5}, (struct qa_span){5, 9}) == 2.0 / 9);
    assert_true(qa_f1((struct qa_span){3, 3}, (struct qa_span){2, 4}) == 0.5);
}

static void macro_f1_is_that_of_scikit_learn(void **state)
{
    /* f1_score([0,0,0,1,1,3], [0,0,1,1,3,3], average='macro') with scikit-learn */
    static const uint64_t tally[16] = {2, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1};
    static const uint64_t none[4];

    (void)state;
    assert_true(fabs(classify_macro_f1(tally, 4) - (0.8 + 0.5 + 2.0 / 3) / 3) < 1e-12);
    assert_true(isnan(classify_macro_f1(none, 2)));
}

/* An evaluation finds what qa_logits() and classify_logits() say. */
static void evaluations_count(void **state)
{
    float logits[B * 2 * LEN];
    double exact = 0, f1 = 0;
    struct one o;

    (void)state;
    open_one(&o, TASK_QA, NULL);
    (void)loss_of(&o, NULL);
    assert_true(o.sum[2].loss == 2); /* two sequences have an answer */
    assert_int_equal(qa_logits(&o.l, &o.batch, &o.draw, logits, NULL), RF_OK);
    for (size_t s = 0; s < B; s += 2) {
        const float *at = logits + s * 2 * LEN;
        struct qa_span right = {(size_t)answers[2 * s], (size_t)answers[2 * s + 1]};
        struct qa_span got = qa_best(at, at + LEN, (size_t)passages[2 * s] % LEN,
                                     (size_t)passages[2 * s + 1] % LEN);

        f1 += qa_f1(got, right);
        exact += got.start == right.start && got.end == right.end;
    }
    assert_true(o.sum[1].hits == exact && fabs(o.sum[1].loss - f1) < 1e-6);
    close_one(&o);
    open_one(&o, TASK_CLASSIFY, NULL);
    (void)loss_of(&o, NULL);
    assert_int_equal(classify_logits(&o.l, &o.batch, &o.draw, logits, NULL), RF_OK);
    for (size_t i = 0; i < B; i++)
        assert_int_equal(o.l.room.tally[(size_t)classes[i] * CLASSES +
                                        model_likeliest(logits + i * CLASSES, CLASSES)],
                         1);
    (void)loss_of(&o, o.l.grad[0]); /* a step of training counts nothing */
    for (size_t i = 0, all = 0; i < CLASSES * CLASSES; i++)
        assert_true((all += o.l.room.tally[i]) <= B);
    close_one(&o);
}

/* --- as torch has them */

/* A model whose layers add nothing: the outputs see the embedding of each token. */
static void set_golden(struct rf_config *c)
{
    c->model.position = POSITION_NONE;
    c->model.final_norm = CHOICE_FALSE;
    c->train.z_loss = 0.01;
}

static void set_golden_match(struct rf_config *c)
{
    set_golden(c);
    c->data.match = true;
}

/* Fill a parameter with what the file has under its name; false: it has none. */
static bool fill_from(const struct st_file *f, const struct param *p, float *w)
{
    const struct st_view *v = st_find(f, p->name);

    if (v)
        memcpy(w + p->offset, v->data, p->count * sizeof *w);
    return v != NULL;
}

static void check_near(const struct st_file *f, const struct param *p, const float *grad)
{
    char name[TENSOR_NAME_MAX + 8];
    const struct st_view *v;

    snprintf(name, sizeof name, "d.%s", p->name);
    assert_non_null(v = st_find(f, name));
    for (size_t i = 0; i < p->count; i++) {
        double want = (double)((const float *)v->data)[i], got = (double)grad[p->offset + i];

        if (!(fabs(got - want) <= 2e-6 + 2e-5 * fabs(want))) /* sums of up to 96 floats */
            fail_msg("%s[%zu]: %.9g, torch has %.9g", p->name, i, got, want);
    }
}

static void numbers_are_those_of_torch(void **state)
{
    static const struct {
        const char *file;
        enum task_kind kind;
        void (*set)(struct rf_config *c);
    } all[] = {{"qa", TASK_QA, set_golden},
               {"qa-match", TASK_QA, set_golden_match},
               {"classify", TASK_CLASSIFY, set_golden}};

    (void)state;
    for (size_t a = 0; a < sizeof all / sizeof *all; a++) {
        const char *root = getenv("ROOT");
        char path[4096];
        struct st_file *f = NULL;
        struct one o;
        const struct params *ps;
        float *w;
        double loss;

        snprintf(path, sizeof path, "%s/tests/golden/train/%s.safetensors", root ? root : ".",
                 all[a].file);
        assert_int_equal(st_open(&f, path, NULL), RF_OK);
        open_one(&o, all[a].kind, all[a].set);
        ps = model_params(o.l.model);
        w = model_weights(o.l.model);
        for (size_t i = PARAM_BRANCHES; i < ps->n; i++)
            for (size_t k = 0; k < ps->p[i].count; k++)
                w[ps->p[i].offset + k] = 0;
        for (size_t i = 0; i < PARAM_BRANCHES; i++)
            if (ps->p[i].count)
                assert_true(fill_from(f, &ps->p[i], w));
        loss = loss_of(&o, o.l.grad[0]);
        assert_true(fabs(loss - (double)*(const float *)st_find(f, "loss")->data) < 2e-5);
        for (size_t i = 0; i < PARAM_BRANCHES; i++)
            if (ps->p[i].count)
                check_near(f, &ps->p[i], o.l.grad[0]);
        close_one(&o);
        st_close(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_the_slope_of_the_loss),
        cmocka_unit_test(dropouts_differ),
        cmocka_unit_test(only_the_passage_can_answer),
        cmocka_unit_test(spans_are_compared),
        cmocka_unit_test(macro_f1_is_that_of_scikit_learn),
        cmocka_unit_test(evaluations_count),
        cmocka_unit_test(numbers_are_those_of_torch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
