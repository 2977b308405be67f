/* test_run.c: a run that is opened for use has a model, a device and a vocabulary that go
 * together, or says what does not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/io.h"
#include "run/fill.h"
#include "run/run_data.h"
#include "run/strict.h"
#include "shard/shard.h"

enum { LEN = 24, V = 8 };

static const char tokens[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##c\n";

static void write_file(const char *name, const char *text)
{
    assert_int_equal(output_write(name, OUTPUT_TEXT, text, strlen(text), NULL), RF_OK);
}

enum kind { FILLS, CAUSAL };

static void small_config(struct rf_config *c, enum kind kind)
{
    *c = rf_config_default;
    c->model.dim = 8;
    c->model.depth = 1;
    c->model.heads = 2;
    c->model.chunk = 4;
    c->model.rounds = 1;
    c->train.batch = 3;
    c->model.causal = kind == CAUSAL;
    c->data.task = kind == CAUSAL ? TASK_CLM : TASK_MLM;
}

/* A checkpoint of drawn weights, of a vocabulary with these special tokens. */
static void save_run(const char *run, uint64_t step, struct special_ids special, enum kind kind)
{
    struct ckpt_state s = {.step = step, .special = special, .max_len = LEN};
    struct rf_config c;
    struct vocab *v = NULL;
    struct nn *nn = NULL;
    struct buf yaml = {0};
    struct tensor *t;
    struct params p;
    float *block;

    small_config(&c, kind);
    assert_int_equal(vocab_parse(&v, tokens, strlen(tokens), "v", NULL, NULL), RF_OK);
    memcpy(s.vocab_digest, vocab_digest(v), sizeof s.vocab_digest);
    s.vocab_size = vocab_size(v);
    assert_int_equal(params_new(&p, &c.model, LEN, s.vocab_size, NULL), RF_OK);
    assert_int_equal(nn_open(&nn, NN_CPU, 1, NULL), RF_OK);
    assert_non_null(block = calloc(p.floats, sizeof *block));
    assert_non_null(t = calloc(p.present, sizeof *t));
    params_init(&p, nn, block, 1);
    params_tensors(&p, t, "", block);
    assert_int_equal(opt_write_yaml(rf_config_rows, &c, &yaml), RF_OK);
    assert_int_equal(ckpt_save(run, &s, yaml.data, t, p.present, NULL, 0, 9, NULL), RF_OK);
    buf_free(&yaml);
    free(t);
    free(block);
    nn_close(nn);
    params_free(&p);
    vocab_free(v);
}

static const struct special_ids all_special = {0, 1, 2, 3, 4};

static int make_runs(void **state)
{
    (void)state;
    write_file("vocab.txt", tokens);
    write_file("other.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##d\n");
    save_run("run", 5, all_special, FILLS);
    save_run("bare", 0, (struct special_ids){0, 1, -1, 3, 4}, FILLS);
    save_run("causal", 5, all_special, CAUSAL);
    save_run("damaged", 5, all_special, FILLS);
    save_run("damaged", 6, all_special, FILLS);
    write_file("damaged/step-00000006/config.yaml", "model:\n");
    return 0;
}

static void assert_closed(const struct run_model *m)
{
    static const struct run_model none;

    assert_memory_equal(m, &none, sizeof none);
}

/* Logits of "[CLS] a [MASK] [SEP]" at the mask. */
static void ask(const struct run_model *m, float *logits)
{
    static const int32_t ids[] = {2, 5, 4, 3}, rows[] = {2};
    const struct model_batch b = {.B = 1, .T = 4, .ids = ids, .rows = rows, .n = 1};

    assert_int_equal(model_logits(m->model, &b, &m->draw, NULL, logits, NULL), RF_OK);
}

static void what_is_opened_goes_together(void **state)
{
    const struct run_use use = {.path = "run", .vocab = "vocab.txt", .threads = 1};
    struct run_model m = {0};
    struct ids ids = {0};
    float once[8], again[8];

    (void)state;
    assert_int_equal(run_open(&m, &use, NULL), RF_OK);
    assert_int_equal(ckpt_state(m.ckpt)->step, 5);
    assert_int_equal(m.cfg.train.batch, 3);
    assert_int_equal(m.broken, 0);
    assert_int_equal(wordpiece_encode(m.encoder, &ids, "a bc", 4), RF_OK);
    assert_int_equal(ids.n, 3);
    assert_string_equal(vocab_token(m.vocab, ids.ids[2], NULL), "##c");
    ask(&m, once);
    assert_true(once[5] != once[6]); /* weights of zero would give equal ones */
    run_close(&m);
    assert_closed(&m);
    assert_int_equal(run_open(&m, &use, NULL), RF_OK);
    ask(&m, again);
    assert_memory_equal(once, again, sizeof once);
    run_close(&m);
    free(ids.ids);
}

static void settings_come_over_the_run(void **state)
{
    const struct run_use use = {.path = "run", .set = "train.seed=7", .batch = 2, .threads = 1};
    struct run_model m = {0};

    (void)state;
    assert_int_equal(run_open(&m, &use, NULL), RF_OK);
    assert_int_equal(m.cfg.train.batch, 2);
    assert_int_equal(m.draw.seed, 7);
    assert_null(m.vocab);
    assert_null(m.encoder);
    run_close(&m);
}

static void a_run_that_cannot_be_used_says_why(void **state)
{
    static const struct {
        struct run_use use;
        int rc;
        const char *text;
    } rows[] = {
        {{.path = "none"}, RF_EIO, "cannot open folder 'none': No such file or directory"},
        {{.path = "run", .set = "model.depth"},
         RF_EUSAGE,
         "no value in 'model.depth': key=value is needed"},
        {{.path = "run", .ema = true},
         RF_EINVAL,
         "'run/step-00000005' has no mean of the weights"},
        {{.path = "run", .vocab = "other.txt"},
         RF_EINVAL,
         "'other.txt' is not the vocabulary that 'run/step-00000005' was trained with"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct run_model m = {0};
        struct errbuf eb = {0};

        assert_int_equal(run_open(&m, &rows[i].use, &eb), rows[i].rc);
        assert_string_equal(eb.text, rows[i].text);
        run_close(&m);
        assert_closed(&m);
    }
}

/* Also where the open fails later: people want to know. */
static void broken_checkpoints_are_counted(void **state)
{
    const struct run_use good = {.path = "damaged", .threads = 1},
                         bad = {.path = "damaged", .set = "no.key=1"};
    struct run_model m = {0};

    (void)state;
    assert_int_equal(run_open(&m, &good, NULL), RF_OK);
    assert_int_equal(m.broken, 1);
    assert_int_equal(ckpt_state(m.ckpt)->step, 5);
    run_close(&m);
    assert_int_equal(run_open(&m, &bad, NULL), RF_EUSAGE);
    assert_int_equal(m.broken, 1);
    run_close(&m);
}

static void masks_need_their_tokens(void **state)
{
    struct run_model m = {0};
    struct errbuf eb = {0};
    struct fill *f = NULL;

    (void)state;
    assert_int_equal(run_open(&m, &(struct run_use){.path = "bare", .threads = 1}, NULL),
                     RF_OK);
    assert_int_equal(fill_new(&f, &m, &eb), RF_EINVAL);
    assert_string_equal(eb.text,
                        "the vocabulary of 'bare/step-00000000' lacks [MASK], [CLS] or [SEP]");
    assert_null(f);
    run_close(&m);
}

/* --- what a causal model says of labels, by a plain forward pass for each */

enum { RECORDS = 4, POSITIONS = 5 };

/* Record i: two lengths, and first tokens that differ. */
static size_t make_record(size_t i, int32_t *ids)
{
    size_t n = i == 1 ? 17 : LEN;

    for (size_t k = 0; k < n; k++)
        ids[k] = (int32_t)((k * k % 5 + i * k + i / 2) % (V - 2) + 2);
    return n;
}

static void write_records(const struct run_model *m)
{
    const struct ckpt_state *s = ckpt_state(m->ckpt);
    struct shard_info info = {
        .kind = SHARD_SEQUENCES, .vocab_size = V, .max_len = LEN, .special = all_special};
    struct shard_file f = {0};
    int32_t ids[LEN];

    memcpy(info.vocab_digest, s->vocab_digest, sizeof info.vocab_digest);
    assert_int_equal(shard_file_open(&f, "records.rfs", &info, NULL), RF_OK);
    for (size_t i = 0; i < RECORDS; i++) {
        const struct shard_record r = {.doc = i, .ids = ids, .n_ids = make_record(i, ids)};

        assert_int_equal(shard_write(f.writer, &r, NULL), RF_OK);
    }
    assert_int_equal(shard_files_close(&f, 1, RF_OK, NULL), RF_OK);
}

/* The loss of ids[t + 1] by a pass over ids[n]. */
static double plain_loss(const struct run_model *m, const int32_t *ids, size_t n, size_t t)
{
    const int32_t row = (int32_t)t;
    const struct model_batch b = {.B = 1, .T = n, .ids = ids, .rows = &row, .n = 1};
    float logits[V];
    double sum = 0;

    assert_int_equal(model_logits(m->model, &b, &m->draw, NULL, logits, NULL), RF_OK);
    for (size_t i = 0; i < V; i++)
        sum += exp((double)logits[i]);
    return log(sum) - (double)logits[ids[t + 1]];
}

static struct strict_scores plain_scores(const struct run_model *m)
{
    struct strict_scores s = {.positions = 0};
    int32_t ids[LEN];

    for (size_t i = 0; i < RECORDS; i++) {
        size_t n = make_record(i, ids);

        for (size_t k = 0; k < POSITIONS; k++, s.positions++) {
            size_t t = (n - 1) * (2 * k + 1) / (2 * POSITIONS);

            s.forced += plain_loss(m, ids, n, t);
            s.strict += plain_loss(m, ids, t + 1, t);
        }
    }
    s.forced /= (double)s.positions;
    s.strict /= (double)s.positions;
    return s;
}

static void strict_scores_are_those_of_prefixes(void **state)
{
    const struct run_use use = {.path = "causal", .threads = 1};
    const struct strict_cfg cfg = {.positions = POSITIONS};
    char *words[] = {(char[]){"records.rfs"}};
    struct progress none = {.label = "none"};
    struct run_model m = {0};
    struct eval_sets sets;
    struct strict_scores got, want;

    (void)state;
    assert_int_equal(run_open(&m, &use, NULL), RF_OK);
    write_records(&m);
    assert_int_equal(run_need_next(&m, NULL), RF_OK);
    assert_int_equal(run_eval_sets(&sets, &m, words, 1, NULL), RF_OK);
    assert_int_equal(run_strict(&m, &sets.e[0], &cfg, &none, &got, NULL), RF_OK);
    want = plain_scores(&m);
    assert_int_equal(got.positions, want.positions);
    assert_true(fabs(got.forced - want.forced) < 1e-6);
    assert_true(fabs(got.strict - want.strict) < 1e-6);
    assert_true(fabs(got.strict - got.forced) > 1e-4); /* else nothing would be seen here */
    eval_sets_free(&sets);
    run_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_opened_goes_together),
        cmocka_unit_test(settings_come_over_the_run),
        cmocka_unit_test(a_run_that_cannot_be_used_says_why),
        cmocka_unit_test(broken_checkpoints_are_counted),
        cmocka_unit_test(masks_need_their_tokens),
        cmocka_unit_test(strict_scores_are_those_of_prefixes),
    };

    return cmocka_run_group_tests(tests, make_runs, NULL);
}
