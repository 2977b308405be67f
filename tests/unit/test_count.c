/* test_count.c: the device that counts, against figures made by hand; what a training step asks
 * of a device; and that nothing of a run touches a device's memory but by ops, for that one's
 * cannot be touched. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "device/count.h"
#include "train/task.h"
#include "train/train.h"

static const struct nn_about about = {.rows = 1024, .head_rows = 512};

static struct nn *open_counting(void)
{
    struct nn *nn;

    assert_int_equal(count_open(&nn, &about, NULL), RF_OK);
    return nn;
}

static struct counts since(const struct nn *nn, struct counts before)
{
    struct counts c = count_so_far(nn);

    c.products -= before.products;
    c.hashing -= before.hashing;
    c.bytes -= before.bytes;
    c.launches -= before.launches;
    c.uploads -= before.uploads;
    c.waits -= before.waits;
    return c;
}

/* --- ops */

/* What the ops were asked for one by one is all that was asked for. */
static void expect_sums(const struct nn *nn)
{
    struct counts all = count_so_far(nn), sum = {0};
    const struct op_counts *ops;
    size_t n = count_by_op(nn, &ops);

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(ops[i].op, ops[k].op);
        sum.products += ops[i].counts.products;
        sum.hashing += ops[i].counts.hashing;
        sum.bytes += ops[i].counts.bytes;
        sum.launches += ops[i].counts.launches;
    }
    assert_int_equal(sum.launches, all.launches);
    assert_true(fabs(sum.products - all.products) <= 1e-12 * all.products);
    assert_true(fabs(sum.hashing - all.hashing) <= 1e-12 * all.hashing);
    assert_true(fabs(sum.bytes - all.bytes) <= 1e-12 * all.bytes);
}

static void ops_are_told_apart(void **state)
{
    struct nn *nn = open_counting();
    const struct op_counts *ops;

    (void)state;
    assert_int_equal(count_by_op(nn, &ops), 0);
    nn->ops->fill(nn, NULL, 0, 10);
    nn->ops->gemm(nn, 2, 3, 4, NULL, false, NULL, false, 0, NULL);
    nn->ops->fill(nn, NULL, 0, 5);
    assert_int_equal(count_by_op(nn, &ops), 2);
    assert_string_equal(ops[0].op, "fill");
    assert_true(ops[0].counts.launches == 2 && ops[0].counts.bytes == 60);
    assert_string_equal(ops[1].op, "gemm_batch");
    assert_true(ops[1].counts.launches == 1 && ops[1].counts.products == 2 * 2 * 3 * 4);
    expect_sums(nn);
    nn_close(nn);
}

/* A table is a name, a flag, and pointers to functions. */
static void no_op_is_missing(void **state)
{
    struct nn *nn = open_counting();
    void (*entry[sizeof(struct nn_ops) / sizeof(void (*)(void))])(void);
    size_t first = offsetof(struct nn_ops, close) / sizeof *entry;

    (void)state;
    memcpy(entry, nn->ops, sizeof entry);
    for (size_t i = first; i < sizeof entry / sizeof *entry; i++)
        if (!entry[i])
            fail_msg("op %zu of the table is missing", i - first);
    nn_close(nn);
}

static void check(const struct nn *nn, struct counts *before, double products, double hashing,
                  double bytes)
{
    struct counts c = since(nn, *before);

    if (c.products != products || c.hashing != hashing || c.bytes != bytes || c.launches != 1)
        fail_msg("%.0f operations, %.0f of hashing, %.0f bytes, %u launches; wanted %.0f, "
                 "%.0f, %.0f, 1",
                 c.products, c.hashing, c.bytes, (unsigned)c.launches, products, hashing,
                 bytes);
    *before = count_so_far(nn);
}

static void ops_count_what_they_do(void **state)
{
    struct nn *nn = open_counting();
    const struct nn_ops *op = nn->ops;
    struct counts c = {0};
    float *x = op->mem_new(nn, 1 << 20);
    int32_t *i = op->mem_new(nn, 1 << 20);
    uint8_t *b = op->mem_new(nn, 64);
    struct hash_dims hash = {
        .B = 2, .H = 3, .T = 16, .D = 4, .heads = 3, .R = 2, .n1 = 8, .rots = 1};
    struct attend_dims s = {.kind = ATTEND_LSH,
                            .B = 2,
                            .H = 3,
                            .T = 16,
                            .D = 4,
                            .heads = 3,
                            .queries = 14,
                            .R = 2,
                            .C = 2,
                            .across = true};

    (void)state;
    assert_true(x && i && b);
    op->gemm(nn, 3, 5, 7, x, false, x, false, 0, x);
    check(nn, &c, 210, 0, 4 * (21 + 35 + 15));
    op->gemm(nn, 3, 5, 7, x, false, x, false, 1, x);
    check(nn, &c, 210, 0, 4 * (21 + 35 + 30));
    op->fill(nn, x, 1, 10);
    check(nn, &c, 0, 0, 40);
    op->combine(nn, x, 1, x, 0, NULL, 10);
    check(nn, &c, 0, 0, 80);
    op->stream_add(nn, i, 1, x, x, 3, 5);
    check(nn, &c, 0, 0, 4 * (45 + 5));
    op->cross_entropy(nn, x, i, NULL, NULL, NULL, x, x, x, i, 0, 0, 0, 6, 4, 10);
    check(nn, &c, 480, 0, 4 * (24 + 40 + 10 + 18));
    op->cross_entropy(nn, x, i, x, x, x, x, x, x, i, 1, 0, 0, 6, 4, 10);
    check(nn, &c, 1440, 0, 4 * (24 + 40 + 10 + 18 + 24 + 80 + 20));
    op->draw_rows(nn, i, x, x, x, 1, (struct rng){0}, 0, 6, 4, 10);
    check(nn, &c, 0, 480, 4 * (24 + 40 + 10 + 6));
    op->lsh_hash(nn, i, x, x, &hash); /* 96 vectors meet 2 x 4 of 4 numbers */
    check(nn, &c, 0, 2 * 96 * 32, 4 * (96 * 2 + 96 * 4 + 32));
    op->attend_fwd(nn, x, x, x, x, i, NULL, NULL, &s); /* 84 queries, 8 keys each */
    check(nn, &c, 84 * 8 * 16, 0, 4 * (96 * (3 * 4 + 2) + 192));
    op->attend_bwd(nn, x, x, x, x, x, x, x, i, NULL, NULL, &s);
    check(nn, &c, 2 * 84 * 8 * 16, 0, 4 * (96 * (6 * 4 + 2) + 192));
    s.asked = b;
    s.n_asked = 5;
    s.kind = ATTEND_FULL;
    op->attend_fwd(nn, x, x, x, x, NULL, NULL, b, &s); /* 15 queries, 16 keys each */
    check(nn, &c, 15 * 16 * 16, 0, 4 * 96 * (3 * 4 + 2) + 64);
    s.causal = true;
    s.kind = ATTEND_LOCAL;
    s.back = 1;
    op->attend_fwd(nn, x, x, x, x, NULL, NULL, NULL, &s);
    check(nn, &c, 15 * 8 * 16, 0, 4 * 96 * (3 * 4 + 2) + 32);
    op->bag_fwd(nn, x, x, i, x, 3, 4, 5);
    check(nn, &c, 120, 0, 4 * 3 * (5 * 5 + 8));
    op->mem_free(nn, x, 1 << 20);
    op->mem_free(nn, i, 1 << 20);
    op->mem_free(nn, b, 64);
    nn_close(nn);
}

static void copies_and_waits_count(void **state)
{
    struct nn *nn = open_counting();
    uint32_t *x = nn->ops->mem_new(nn, 8), host[2] = {7, 7};
    struct counts c;

    (void)state;
    nn->ops->upload(nn, x, host, sizeof host);
    nn->ops->download(nn, host, x, sizeof host);
    nn->ops->wait(nn);
    c = count_so_far(nn);
    assert_true(c.uploads == 1 && c.waits == 2 && c.launches == 0 && c.bytes == 0);
    assert_true(host[0] == 0 && host[1] == 0);
    nn->ops->mem_free(nn, x, 8);
    nn_close(nn);
}

/* --- a small model, by hand: 8 tokens of width 4 in one head, two with a label of 10 words */

enum { T = 8, VOCAB = 10 };

static struct model_cfg tiny(bool full)
{
    struct model_cfg c = rf_config_default.model;

    c.dim = 4;
    c.depth = c.heads = c.rounds = c.ff_mult = 1;
    c.chunk = 2;
    c.full_attn = full;
    return c;
}

static struct counts of_tiny(bool full, size_t budget, bool backward)
{
    static const int32_t ids[T] = {0}, rows[] = {1, 5}, labels[] = {3, 4};
    const struct model_batch batch = {
        .B = 1, .T = T, .ids = ids, .rows = rows, .labels = labels, .n = 2};
    const struct model_draw draw = {.train = true};
    const struct model_cfg cfg = tiny(full);
    struct nn *nn = open_counting();
    struct model_sum sum = {0};
    struct counts before, all;
    struct model *m;
    float *grad;

    assert_int_equal(model_new(&m, nn, &cfg, 1, T, VOCAB, MODEL_BACKWARD, budget, NULL), RF_OK);
    grad = nn->ops->mem_new(nn, model_params(m)->floats * sizeof *grad);
    before = count_so_far(nn);
    assert_int_equal(model_loss(m, &batch, &draw, backward ? grad : NULL, 1, &sum, NULL),
                     RF_OK);
    assert_true(sum.loss == 0 && sum.labels == 2);
    all = since(nn, before);
    nn->ops->mem_free(nn, grad, model_params(m)->floats * sizeof *grad);
    model_free(m);
    nn_close(nn);
    return all;
}

/* Of forward: queries and values of all tokens, the rest for the two rows. */
enum {
    PROJECTED = 2 * 8 * 4 * 8,
    ATTENDED = 2 * 4 * 4, /* times the keys */
    PUT_ON = 2 * 2 * 4 * 4,
    WIDENED = 2 * 2 * 4 * 4,
    NARROWED = WIDENED,
    HEAD = 2 * 2 * 4 * 10,
    HASHED = 2 * 8 * 4 * 2, /* half of four buckets */
    FULL_KEYS = 8,
    LSH_KEYS = 4 /* a chunk of two and the one before it */
};

static void a_small_model_counts_as_by_hand(void **state)
{
    const double around = PROJECTED + PUT_ON + WIDENED + NARROWED + HEAD;
    const double full = around + ATTENDED * FULL_KEYS, lsh = around + ATTENDED * LSH_KEYS;
    struct counts c = of_tiny(true, SIZE_MAX, false);

    (void)state;
    assert_true(c.products == full && c.hashing == 0);
    c = of_tiny(false, SIZE_MAX, false);
    assert_true(c.products == lsh && c.hashing == HASHED);
    c = of_tiny(true, SIZE_MAX, true);
    assert_true(c.products == 3 * full && c.hashing == 0);
    c = of_tiny(false, SIZE_MAX, true);
    assert_true(c.products == 3 * lsh && c.hashing == HASHED);
    c = of_tiny(true, 0, true); /* backward computes all again but the head */
    assert_true(c.products == 4 * full - HEAD);
    c = of_tiny(false, 0, true); /* and the hashing, whose order is kept */
    assert_true(c.products == 4 * lsh - HEAD && c.hashing == HASHED);
}

static void a_learners_cost_is_that_of_its_calls(void **state)
{
    struct learner_size size = {.model = tiny(false),
                                .max_len = T,
                                .vocab_size = VOCAB,
                                .use = MODEL_BACKWARD,
                                .levels = 1};
    const double row = ATTENDED * LSH_KEYS + PUT_ON + WIDENED + NARROWED + HEAD;
    struct rf_config c = rf_config_default;
    struct learner_cost cost;

    (void)state;
    c.train.batch = 1;
    assert_int_equal(learner_cost(&cost, &about, &c, tasks[TASK_MLM], &size, NULL), RF_OK);
    assert_true(cost.blocks == 3 * PROJECTED + 3 * HASHED && cost.head == 3 * row / 2);
    assert_true(cost.blocks_executed == 4 * PROJECTED + 3 * HASHED);
    assert_true(cost.head_executed == (4 * row - HEAD) / 2);
    size.use = MODEL_SPANS; /* gradients go to a sink: the same work */
    size.levels = 0;
    assert_int_equal(learner_cost(&cost, &about, &c, tasks[TASK_MLM], &size, NULL), RF_OK);
    assert_true(cost.blocks_executed == 4 * PROJECTED + 3 * HASHED);
    assert_true(cost.head_executed == (4 * row - HEAD) / 2);
}

/* --- layers of different kinds */

static struct model_cfg layered(const char *layers, size_t depth)
{
    struct model_cfg c = tiny(false);

    c.layers = layers;
    c.depth = depth;
    return c;
}

static double executed(const struct model_cfg *c, size_t budget, size_t *bytes)
{
    const struct learner_size size = {.model = *c,
                                      .max_len = T,
                                      .vocab_size = VOCAB,
                                      .use = MODEL_BACKWARD,
                                      .budget = budget,
                                      .levels = 1};
    struct rf_config cfg = rf_config_default;
    struct learner_cost cost;

    cfg.train.batch = 1;
    assert_int_equal(learner_cost(&cost, &about, &cfg, tasks[TASK_MLM], &size, NULL), RF_OK);
    *bytes = cost.step_bytes;
    return cost.blocks_executed;
}

/* Of all tokens in a layer that is not the last. */
enum { FULL_ATTENDS = 4 * ATTENDED * FULL_KEYS, LSH_ATTENDS = 4 * ATTENDED * LSH_KEYS };

/* Operations and arrays are those of each layer's kind. The last layer attends for the rows
 * with a label alone. */
static void each_layer_costs_what_its_kind_does(void **state)
{
    const struct model_cfg both = layered("full,lsh", 2), hash = layered("lsh", 2),
                           full = layered("full", 2);
    size_t of_both, of_hash, of_full;
    double mixed = executed(&both, SIZE_MAX, &of_both);
    double hashed = executed(&hash, SIZE_MAX, &of_hash);

    (void)state;
    assert_true(mixed == hashed + 3 * (FULL_ATTENDS - LSH_ATTENDS) - 3 * HASHED);
    executed(&full, SIZE_MAX, &of_full);
    assert_true(of_full < of_both && of_both < of_hash); /* order and bucket */
}

/* Of what attention made, that of full layers is stored first, for it saves most: where in the
 * stack they are is no matter. */
static void what_saves_most_is_stored_first(void **state)
{
    const struct model_cfg early = layered("full,lsh,lsh", 3),
                           late = layered("lsh,full,lsh", 3);
    size_t least, most, bytes, same;

    (void)state;
    assert_true(executed(&early, 0, &least) > executed(&early, SIZE_MAX, &most));
    for (size_t budget = least; budget <= most; budget += 64) {
        assert_true(executed(&early, budget, &bytes) == executed(&late, budget, &same));
        assert_true(bytes <= budget && bytes == same);
    }
}

/* Eight pieces of 32 tokens are as much work as eight sequences of 32, and with full attention
 * less than the two sequences that they were cut from. */
static void pieces_are_as_much_work_as_sequences(void **state)
{
    struct rf_config c = rf_config_default;
    struct learner_cost whole, pieces, sequences;
    struct learner_size size = {.max_len = 128, .vocab_size = 100, .use = MODEL_BACKWARD};

    (void)state;
    c.model.full_attn = true;
    c.train.batch = 2;
    c.train.lengths = "32@100";
    size.model = task_model(tasks[TASK_MLM], &c, NULL);
    size.levels = 1;
    assert_int_equal(learner_cost(&whole, &about, &c, tasks[TASK_MLM], &size, NULL), RF_OK);
    size.piece = 32;
    assert_int_equal(learner_cost(&pieces, &about, &c, tasks[TASK_MLM], &size, NULL), RF_OK);
    size.piece = 0;
    size.max_len = 32;
    c.train.batch = 8;
    assert_int_equal(learner_cost(&sequences, &about, &c, tasks[TASK_MLM], &size, NULL), RF_OK);
    assert_true(pieces.blocks < whole.blocks && pieces.tokens == whole.tokens);
    assert_true(pieces.blocks == sequences.blocks && pieces.head == sequences.head);
    assert_true(pieces.blocks_executed == sequences.blocks_executed);
}

/* --- runs */

struct plan {
    struct rf_config cfg;
    struct train_job job;
    struct counts last, step; /* at the end of the last step, and what that took */
};

enum { LEN = 128, RECORDS = 64, DATA_BYTES = 1000 };

/* Three tokens in ten have a label. */
static int get(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
               int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    (void)self;
    (void)eb;
    *n = LEN;
    *n_labels = 0;
    for (uint32_t k = 0; k < LEN; k++) {
        ids[k] = (int32_t)(i + k) % 100;
        if (k % 10 < 3) {
            positions[*n_labels] = k;
            labels[(*n_labels)++] = ids[k];
        }
    }
    return RF_OK;
}

static void stepped(void *self, const struct train_report *r)
{
    struct plan *p = self;

    (void)r;
    p->step = since(p->job.nn, p->last);
    p->last = count_so_far(p->job.nn);
}

/* A small run's shape. */
static void plan_init(struct plan *p)
{
    *p = (struct plan){.cfg = rf_config_default};
    p->cfg.model.dim = 128;
    p->cfg.model.depth = 3;
    p->cfg.model.max_len = LEN;
    p->cfg.model.chunk = 16;
    p->cfg.train.batch = 16;
    p->cfg.train.steps = 10;
    p->job = (struct train_job){
        .data_bytes = DATA_BYTES,
        .data = {.vocab_size = 4000, .max_len = LEN},
        .train = {.name = "train", .records = RECORDS, .max_len = LEN, .get = get}};
}

static struct train_trial try_out(struct plan *p, const struct nn_about *of)
{
    struct errbuf eb = {0};
    struct train_trial trial;

    p->job.cfg = &p->cfg;
    p->job.task = task_of(&p->cfg);
    p->job.hooks = (struct train_hooks){.self = p, .stepped = stepped};
    assert_int_equal(count_open(&p->job.nn, of, NULL), RF_OK);
    if (train_try(&p->job, &trial, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    expect_sums(p->job.nn);
    nn_close(p->job.nn);
    return trial;
}

/* What was measured, as a limit to hold: a wait is time in which a device has nothing to do,
 * and each launch costs it a few microseconds. */
enum { STEP_LAUNCHES = 316, STEP_UPLOADS = 1, STEP_WAITS = 1 };

static void a_step_asks_for_no_more_than_it_did(void **state)
{
    struct plan p;

    (void)state;
    plan_init(&p);
    try_out(&p, &about);
    if (p.step.launches > STEP_LAUNCHES || p.step.uploads > STEP_UPLOADS ||
        p.step.waits > STEP_WAITS)
        fail_msg("a step took %u launches, %u uploads, %u waits", (unsigned)p.step.launches,
                 (unsigned)p.step.uploads, (unsigned)p.step.waits);
}

static void set_slots(struct rf_config *c)
{
    c->train.slots = 4;
    c->model.full_attn = true;
    c->model.causal = true;
    c->model.tied_layers = true;
    c->optim.ema = 0.9;
}

static void set_attention(struct rf_config *c)
{
    c->model.local_heads = 1;
    c->model.one_value_head = true;
    c->model.mem_kv = 3;
    c->model.across_buckets = c->model.duplicates = false;
    c->model.rotations_per_head = true;
    c->model.attn_heads = 2;
    c->model.position = POSITION_ROTARY;
    c->optim.kind = OPTIM_LION;
}

static void set_memories(struct rf_config *c)
{
    c->model.pkm_layers = "2";
    c->model.tied_embedding = true;
    c->model.emb_dim = 64;
    c->model.position = POSITION_FIXED;
    c->model.norm = NORM_SCALE;
    c->optim.kind = OPTIM_ADAFACTOR;
    c->optim.first_moment = true;
}

static void set_dropouts(struct rf_config *c)
{
    c->model.lsh_dropout = c->model.post_attn_dropout = c->model.ff_dropout = 0.1;
    c->model.layer_dropout = 0.3;
    c->model.norm = NORM_REZERO;
    c->model.ff_glu = true;
    c->model.position = POSITION_ABSOLUTE;
    c->optim.in_backward = true;
    c->optim.clip = 0;
}

static void set_twin(struct rf_config *c)
{
    c->model.twin = true;
    c->model.hash_factor = 4;
    c->model.chunk = 4;
    c->train.memory = 1;
}

static void nothing_but_ops_touches_a_devices_memory(void **state)
{
    static void (*const sets[])(struct rf_config *) = {set_slots, set_attention, set_memories,
                                                       set_dropouts, set_twin};

    (void)state;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct plan p;

        plan_init(&p);
        sets[i](&p.cfg);
        try_out(&p, &about); /* a touch is the end of the process */
        assert_true(p.step.launches && p.step.products > 0);
        assert_int_equal(p.step.waits, 1);
    }
}

/* What a device with memory of its own has is what a run may take; the data, and what the host
 * holds of a batch, are not in it. */
static void memory_of_its_own_is_a_sum_of_its_own(void **state)
{
    struct nn_about own = about;
    struct train_needs shared, apart;
    struct plan p;

    (void)state;
    plan_init(&p);
    shared = try_out(&p, &about).needs;
    own.memory_bytes = SIZE_MAX;
    apart = try_out(&p, &own).needs;
    assert_true(apart.data == shared.data && apart.data > DATA_BYTES);
    assert_int_equal(shared.total, shared.weights + shared.gradients + shared.optimiser +
                                       shared.scratch + shared.batch + shared.data);
    assert_int_equal(apart.total, apart.weights + apart.gradients + apart.optimiser +
                                      apart.scratch + apart.batch);
    assert_true(apart.batch < shared.batch);
    assert_true(apart.executed_flops == shared.executed_flops);
    own.memory_bytes = apart.total - 1; /* no room for what would save some computing */
    apart = try_out(&p, &own).needs;
    assert_true(apart.executed_flops > shared.executed_flops);
    assert_true(apart.total < own.memory_bytes);
    p.cfg.train.memory = shared.total + apart.scratch; /* what is configured goes before */
    apart = try_out(&p, &own).needs;
    assert_true(apart.executed_flops == shared.executed_flops);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ops_are_told_apart),
        cmocka_unit_test(pieces_are_as_much_work_as_sequences),
        cmocka_unit_test(no_op_is_missing),
        cmocka_unit_test(ops_count_what_they_do),
        cmocka_unit_test(copies_and_waits_count),
        cmocka_unit_test(a_small_model_counts_as_by_hand),
        cmocka_unit_test(a_learners_cost_is_that_of_its_calls),
        cmocka_unit_test(each_layer_costs_what_its_kind_does),
        cmocka_unit_test(what_saves_most_is_stored_first),
        cmocka_unit_test(a_step_asks_for_no_more_than_it_did),
        cmocka_unit_test(nothing_but_ops_touches_a_devices_memory),
        cmocka_unit_test(memory_of_its_own_is_a_sum_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
