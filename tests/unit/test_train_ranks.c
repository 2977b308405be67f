/* test_train_ranks.c: ranks that are threads end a run with the bytes of one that trains alone,
 * stop together, and go on as another number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/io.h"
#include "thread_wire.h"
#include "train/task.h"
#include "train/train.h"
#include "tsan.h"

enum { V = 24, LEN = 14, RECORDS = 40, EVAL_RECORDS = 22, FIRST = 5, STEPS = 9 };

/* --- a run that several ranks share */

static int get(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
               int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    struct rng r = rng_stream(9, i, 0, RNG_TEST);

    (void)self;
    (void)eb;
    *n = LEN - i % 3;
    *n_labels = 0;
    for (size_t t = 0; t < *n; t++) {
        ids[t] = FIRST + (int32_t)((i + 3 * t) % (V - FIRST));
        if (rng_below(r, t, 5) != 0)
            continue;
        positions[*n_labels] = (uint32_t)t;
        labels[(*n_labels)++] = ids[t];
        ids[t] = 4;
    }
    return RF_OK;
}

struct plan {
    struct rf_config cfg;
    int asked_rank; /* who is asked to stop, */
    int asked_at;   /* the so-manieth time that it looks; 0: nobody */
    int want;       /* what all are to end with */
};

struct one {
    const struct plan *plan;
    int rank, looked;
};

static unsigned asked(void *self)
{
    struct one *o = self;

    return o->rank == o->plan->asked_rank && ++o->looked == o->plan->asked_at ? TRAIN_STOP : 0;
}

static void train(struct ranks *r, void *what)
{
    static const double counts[V];
    const struct plan *plan = what;
    struct one one = {plan, r->rank, 0};
    struct train_source eval = {
        .name = "one", .records = EVAL_RECORDS, .max_len = LEN, .get = get};
    struct train_job job = {
        .cfg = &plan->cfg,
        .task = task_of(&plan->cfg),
        .ranks = r,
        .data = {.vocab_size = V, .special = {4, 0, 1, 2, 3}, .max_len = LEN},
        .train = {.name = "train", .records = RECORDS, .max_len = LEN, .get = get},
        .eval = &eval,
        .n_eval = 1,
        .counts = counts,
        .hooks = {.self = &one, .asked = asked}};
    struct errbuf eb = {0};

    must(nn_open(&job.nn, NN_CPU, 1, NULL) == RF_OK);
    if (train_run(&job, NULL, &eb) != plan->want) {
        fprintf(stderr, "rank %d: %s\n", r->rank, eb.text);
        abort();
    }
    nn_close(job.nn);
}

static struct plan planned(const char *run, int task, int optimiser)
{
    struct plan p = {.cfg = rf_config_default};
    struct rf_config *c = &p.cfg;

    c->model.dim = 16;
    c->model.depth = c->model.heads = 2;
    c->model.chunk = 4;
    c->model.rounds = 2;
    c->model.ff_mult = 2;
    c->generator.dim = 8;
    c->data.task = task;
    c->optim.kind = optimiser;
    c->optim.lr = 0.02;
    c->optim.warmup = 2;
    c->optim.ema = 0.9;
    c->train = (struct train_cfg){.run = run,
                                  .device = "cpu",
                                  .batch = 1,
                                  .slots = 8,
                                  .slots_start = 2,
                                  .slots_ramp = 4,
                                  .steps = STEPS,
                                  .log_every = 2,
                                  .eval_every = 4,
                                  .eval_ema = true,
                                  .save_every = 3,
                                  .keep = 9,
                                  .seed = 3,
                                  .threads = 1};
    return p;
}

/* --- what it ends with */

static void same_file(const char *a, const char *b, const char *name)
{
    char path[2][128];
    struct buf of[2] = {{0}, {0}};

    for (int i = 0; i < 2; i++) {
        snprintf(path[i], sizeof path[i], "%s/step-%08d/%s", i ? b : a, STEPS, name);
        assert_int_equal(input_slurp(&of[i], path[i], INPUT_RAW, 1 << 24, NULL), RF_OK);
    }
    if (of[0].len != of[1].len || memcmp(of[0].data, of[1].data, of[0].len) != 0)
        fail_msg("'%s' is not '%s'", path[1], path[0]);
    for (int i = 0; i < 2; i++)
        buf_free(&of[i]);
}

static void same_end(const char *a, const char *b)
{
    same_file(a, b, "weights.safetensors");
    same_file(a, b, "optim.safetensors");
}

/* --- the tests */

static void ranks_change_nothing(void **state)
{
    static const int tasks_of[] = {TASK_MLM, TASK_ELECTRA};

    (void)state;
    for (size_t k = 0; k < 2; k++)
        for (int optimiser = OPTIM_ADAMW; optimiser <= OPTIM_MUON; optimiser++)
            for (int size = 1; size <= 8; size *= 2) {
                char first[64], run[64];
                struct plan p;

                snprintf(first, sizeof first, "%zu-%d-1", k, optimiser);
                snprintf(run, sizeof run, "%zu-%d-%d", k, optimiser, size);
                p = planned(run, tasks_of[k], optimiser);
                as_ranks(size, train, &p, NULL);
                same_end(first, run);
            }
}

static void ranks_stop_together(void **state)
{
    struct plan p = planned("stopped", TASK_MLM, OPTIM_ADAMW);

    (void)state;
    for (int size = 4, k = 0; size >= 1; size /= 2, k++) { /* in a step or an evaluation */
        p.asked_rank = size / 2;
        p.asked_at = 4 + k;
        p.want = size > 1 ? RF_ESTOP : RF_OK;
        if (size == 1)
            p.asked_at = 0;
        as_ranks(size, train, &p, NULL);
    }
    same_end("0-0-1", "stopped");
}

static void a_failure_is_one_of_all(void **state)
{
    struct plan p = planned("refused", TASK_MLM, OPTIM_ADAMW);
    struct stat st;

    (void)state;
    p.cfg.train.slots = 2;
    p.cfg.train.slots_start = p.cfg.train.slots_ramp = 0;
    p.want = RF_EUSAGE; /* more ranks than slots */
    as_ranks(4, train, &p, NULL);
    p = planned("0-0-1", TASK_MLM, OPTIM_LION);
    p.want = RF_EINVAL; /* another run */
    as_ranks(2, train, &p, NULL);
    assert_int_not_equal(stat("refused", &st), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ranks_change_nothing),
                                       cmocka_unit_test(ranks_stop_together),
                                       cmocka_unit_test(a_failure_is_one_of_all)};

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
