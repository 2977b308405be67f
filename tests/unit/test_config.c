/* test_config.c: the table of settings, and what a run is bound to. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "train/config.h"

static int read_yaml(struct rf_config *cfg, const char *text, struct opt_strings *keep,
                     struct errbuf *eb)
{
    *cfg = rf_config_default;
    return opt_read_yaml(rf_config_rows, cfg, text, strlen(text), "x.yaml", keep, eb);
}

static void defaults_are_in_range(void **state)
{
    struct opt_strings keep = {0};
    struct buf text = {0}, again = {0};
    struct rf_config cfg;

    (void)state;
    assert_int_equal(rf_config_check(&rf_config_default, NULL), RF_OK);
    assert_int_equal(opt_write_yaml(rf_config_rows, &rf_config_default, &text), RF_OK);
    assert_int_equal(read_yaml(&cfg, text.data, &keep, NULL), RF_OK);
    assert_int_equal(opt_write_yaml(rf_config_rows, &cfg, &again), RF_OK);
    assert_string_equal(text.data, again.data);
    opt_strings_free(&keep);
    buf_free(&text);
    buf_free(&again);
}

static void yaml_is_read(void **state)
{
    struct opt_strings keep = {0};
    struct rf_config cfg;

    (void)state;
    assert_int_equal(read_yaml(&cfg,
                               "model:\n  dim: 96\n  causal: true\ndata:\n  eval: ''\n"
                               "  mask_rate: 20%\noptim:\n  schedule: constant\n"
                               "train:\n  steps: 2K\n  stop_after: 3m\n",
                               &keep, NULL),
                     RF_OK);
    assert_int_equal(cfg.model.dim, 96);
    assert_true(cfg.model.causal);
    assert_string_equal(cfg.data.eval, "");
    assert_true(cfg.data.mask_rate == 0.2);
    assert_int_equal(cfg.optim.schedule, SCHEDULE_CONSTANT);
    assert_int_equal(cfg.train.steps, 2000);
    assert_string_equal(cfg.train.stop_after, "3m");
    assert_int_equal(cfg.model.depth, rf_config_default.model.depth);
    opt_strings_free(&keep);
}

/* Settings and checkpoints of version 0.1.0 say lm. */
static void a_task_has_one_name(void **state)
{
    struct opt_strings keep = {0};
    struct errbuf eb = {0};
    struct rf_config cfg;

    (void)state;
    assert_int_equal(read_yaml(&cfg, "data:\n  task: clm\n", &keep, NULL), RF_OK);
    assert_int_equal(cfg.data.task, TASK_CLM);
    assert_int_equal(read_yaml(&cfg, "data:\n  task: lm\n", &keep, &eb), RF_EUSAGE);
    assert_non_null(strstr(eb.text, "bad value 'lm' for 'data.task': must be mlm, clm"));
    opt_strings_free(&keep);
}

static void what_cannot_be_is_refused(void **state)
{
    static const char *const bad[] = {
        "model:\n  heads: 5\n",
        "train:\n  slots: 3\n",
        "data:\n  mask_part: 95%\n",
        "data:\n  train: ''\n",
        "train:\n  run: ''\n",
        "data:\n  task: clm\n",
        "data:\n  whole_word: true\n  vocab: ''\n",
        "data:\n  match: true\n",
        "data:\n  group_by_length: 9\n  read: blocks\n",
        "optim:\n  relative_step: true\n",
        "train:\n  stop_after: 3 moons\n",
        "train:\n  from_optim: true\n",
        "train:\n  patience: 3\n  eval_every: 0\n",
        "train:\n  best: score\n",
        "optim:\n  in_backward: true\n  clip: 0\ndata:\n  task: qa\n",
    };
    struct opt_strings keep = {0};
    struct rf_config cfg;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct errbuf eb = {0};

        assert_int_equal(read_yaml(&cfg, bad[i], &keep, NULL), RF_OK);
        assert_int_equal(rf_config_check(&cfg, &eb), RF_EUSAGE);
        assert_true(eb.text[0]);
    }
    opt_strings_free(&keep);
}

/* Passes over the data become updates, of which a part is never left out. */
static void lengths_may_be_by_the_data(void **state)
{
    struct rf_config cfg = rf_config_default;

    (void)state;
    rf_config_epochs(&cfg, 1000);
    assert_int_equal(cfg.train.steps, rf_config_default.train.steps);
    assert_int_equal(cfg.optim.warmup, rf_config_default.optim.warmup);
    cfg.train.batch = 8;
    cfg.train.slots = 4;
    cfg.train.epochs = 2.5;
    rf_config_epochs(&cfg, 1000);
    assert_int_equal(cfg.train.steps, 79); /* 78.125 */
    cfg.optim.warmup_share = 0.1;
    rf_config_epochs(&cfg, 1000);
    assert_int_equal(cfg.optim.warmup, 8);
    cfg.train.epochs = 1e-3;
    rf_config_epochs(&cfg, 1000);
    assert_int_equal(cfg.train.steps, 1);
    cfg.train.epochs = 1e6;
    rf_config_epochs(&cfg, 1000000000);
    assert_int_equal(cfg.train.steps, UINT32_MAX);
}

/* YAML cannot hold it: a checkpoint's configuration could not be read again. */
static void text_that_is_no_utf8_is_refused(void **state)
{
    struct rf_config cfg = rf_config_default;
    struct errbuf eb = {0};

    (void)state;
    cfg.train.run = "caf\xE9";
    assert_int_equal(rf_config_check(&cfg, &eb), RF_EUSAGE);
    assert_string_equal(eb.text, "train.run 'caf\xE9' is not UTF-8");
    cfg.train.run = "caf\u00E9";
    assert_int_equal(rf_config_check(&cfg, &eb), RF_OK);
}

static void a_run_is_bound_to_its_model_and_data(void **state)
{
    static const struct {
        const char *yaml, *key; /* key NULL: may change */
    } cases[] = {
        {"model:\n  rounds: 7\n", "model.rounds"},
        {"data:\n  mask_rate: 0.3\n", "data.mask_rate"},
        {"data:\n  train: elsewhere.rfs\n", NULL},
        {"optim:\n  lr: 0.5\n  schedule: wsd\n  decay_share: 0.5\n", NULL},
        {"optim:\n  name: lion\n", "optim.name"},
        {"optim:\n  first_moment: true\n", "optim.first_moment"},
        {"optim:\n  ema: 0.9\n", "optim.ema"},
        {"optim:\n  clip_update: true\n  momentum: 0.8\n  adjust: original\n", NULL},
        {"data:\n  span: 3\n", "data.span"},
        {"data:\n  match: true\n", "data.match"},
        {"data:\n  group_by_length: 9\n", "data.group_by_length"},
        {"data:\n  whole_word: true\n", "data.whole_word"},
        {"train:\n  stop_after: 3ep\n  memory: 1G\n  from: x\n  patience: 3\n", NULL},
        {"train:\n  seed: 7\n", "train.seed"},
        {"train:\n  device: cuda\n", "train.device"},
        {"train:\n  device: cpu\n", NULL}, /* as where nothing is said */
        {"train:\n  batch: 7\n", "train.batch"},
        {"train:\n  slots: 8\n", "train.slots"},
        {"train:\n  slots_start: 4\n", "train.slots_start"},
        {"train:\n  slots_ramp: 4\n", "train.slots_ramp"},
        {"train:\n  lengths: 64@9\n  label_smoothing: 0.1\n", NULL},
        {"train:\n  steps: 7\n  threads: 3\n  keep: 9\n", NULL},
    };
    struct opt_strings keep = {0};
    struct rf_config cfg;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct errbuf eb = {0};
        int want = cases[i].key ? RF_EINVAL : RF_OK;

        assert_int_equal(read_yaml(&cfg, cases[i].yaml, &keep, NULL), RF_OK);
        assert_int_equal(rf_config_same_run(&rf_config_default, &cfg, &eb), want);
        if (cases[i].key)
            assert_non_null(strstr(eb.text, cases[i].key));
    }
    opt_strings_free(&keep);
}

static void amounts_have_units(void **state)
{
    static const struct {
        const char *text;
        enum stop_unit unit;
        double amount;
    } cases[] = {{NULL, STOP_NEVER, 0},        {"", STOP_NEVER, 0},
                 {"0", STOP_NEVER, 0},         {"0s", STOP_NEVER, 0},
                 {"0ep", STOP_NEVER, 0},       {"0steps", STOP_NEVER, 0},
                 {"45m", STOP_SECONDS, 2700},  {"1.5h", STOP_SECONDS, 5400},
                 {"7", STOP_SECONDS, 7},       {"10Mtok", STOP_TOKENS, 1e7},
                 {"250tok", STOP_TOKENS, 250}, {"0.5ep", STOP_EPOCHS, 0.5},
                 {"3ep", STOP_EPOCHS, 3},      {"500steps", STOP_STEPS, 500},
                 {"2Ksteps", STOP_STEPS, 2000}};
    static const char *const bad[] = {"x", "steps", "tok", "3 ep", "-1m", "1.5steps", "3eps"};
    struct stop s;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(rf_config_stop(&s, cases[i].text, NULL), RF_OK);
        assert_int_equal(s.unit, cases[i].unit);
        assert_true(fabs(s.amount - cases[i].amount) < 1e-9);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (rf_config_stop(&s, bad[i], NULL) != RF_EUSAGE)
            fail_msg("'%s' is taken", bad[i]);
}

static void a_device_may_have_a_size(void **state)
{
    static const struct {
        const char *text, *name;
        uint64_t memory;
    } cases[] = {{"cpu", "cpu", 0},
                 {"auto", "auto", 0},
                 {"", "", 0}, /* which no device is called: who opens it says so */
                 {"cuda:24G", "cuda", 24ull << 30},
                 {"my-card:512M", "my-card", 512 << 20}};
    static const char *const bad[] = {
        "cuda:",    "cuda:0",
        "cuda:24X", "cuda:-1G",
        "cuda:1:2", "cpu:24G",
        "auto:24G", "a-name-that-is-longer-than-any-of-a-plugin-may-be-and-so-cannot-be-one"};
    struct rf_config cfg = rf_config_default;
    struct device_choice d;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(rf_config_device(&d, cases[i].text, NULL), RF_OK);
        assert_string_equal(d.name, cases[i].name);
        assert_int_equal(d.memory, cases[i].memory);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cfg.train.device = bad[i];
        if (rf_config_check(&cfg, NULL) != RF_EUSAGE)
            fail_msg("'%s' is taken", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_in_range),
        cmocka_unit_test(yaml_is_read),
        cmocka_unit_test(a_task_has_one_name),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(amounts_have_units),
        cmocka_unit_test(a_device_may_have_a_size),
        cmocka_unit_test(lengths_may_be_by_the_data),
        cmocka_unit_test(text_that_is_no_utf8_is_refused),
        cmocka_unit_test(a_run_is_bound_to_its_model_and_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
