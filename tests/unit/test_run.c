/* test_run.c: a run that is opened for use has a model, a device and a vocabulary that go
 * together, or says what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/io.h"
#include "run/fill.h"
#include "run/run_data.h"

enum { LEN = 8 };

static const char tokens[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##c\n";

static void write_file(const char *name, const char *text)
{
    assert_int_equal(output_write(name, OUTPUT_TEXT, text, strlen(text), NULL), RF_OK);
}

static void small_config(struct rf_config *c)
{
    *c = rf_config_default;
    c->model.dim = 8;
    c->model.depth = 1;
    c->model.heads = 2;
    c->model.chunk = 4;
    c->model.rounds = 1;
    c->train.batch = 3;
}

/* A checkpoint of drawn weights, of a vocabulary with these special tokens. */
static void save_run(const char *run, uint64_t step, struct special_ids special)
{
    struct ckpt_state s = {.step = step, .special = special, .max_len = LEN};
    struct rf_config c;
    struct vocab *v = NULL;
    struct nn *nn = NULL;
    struct buf yaml = {0};
    struct tensor *t;
    struct params p;
    float *block;

    small_config(&c);
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
    save_run("run", 5, all_special);
    save_run("bare", 0, (struct special_ids){0, 1, -1, 3, 4});
    save_run("damaged", 5, all_special);
    save_run("damaged", 6, all_special);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_opened_goes_together),
        cmocka_unit_test(settings_come_over_the_run),
        cmocka_unit_test(a_run_that_cannot_be_used_says_why),
        cmocka_unit_test(broken_checkpoints_are_counted),
        cmocka_unit_test(masks_need_their_tokens),
    };

    return cmocka_run_group_tests(tests, make_runs, NULL);
}
