/*
 * roofline.c: how fast a card could train at best, from what an update asks of its device.
 *
 *     roofline CARD VOCABULARY FILE.yaml [SETTING=VALUE...]
 *
 * An update of full sequences is made on the device that counts (device/count.h), as it would
 * be planned for that card. For each family of ops: launches, the bytes of all arrays of their
 * calls, floating-point operations, the seconds that the bytes take at the card's bandwidth and
 * the operations at its peak, and which of the two is longer. What is longest of each call adds
 * up to a bound that no kernel passes; launches, what caches lose, and a kernel's scratch (the
 * panels of logits, the slots of attention) come on top. A line a family, tabs between its
 * fields, and Markdown's bars with --table.
 *
 * Exit 1: operations of the ops are not those that rf-train --needs tells.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/opt.h"
#include "device/count.h"
#include "nn/nn.h"
#include "train/task.h"
#include "train/train.h"

/* Peaks of NVIDIA's data sheets, without sparsity: "Quadro RTX 6000" (2018), "A100 Tensor Core
 * GPU" (2021, 80 GB SXM), "H100 Tensor Core GPU" (2023, SXM). Products of bfloat16 are those of
 * the tensor cores, of float32 those of the other units. */
static const struct card {
    const char *name, *text;
    double memory, bandwidth; /* bytes, bytes a second */
    double fp32, tf32, bf16;  /* operations a second; 0: it has no such units */
} cards[] = {
    {"rtx6000", "Quadro RTX 6000, 24 GB", 24e9, 672e9, 16.3e12, 0, 0},
    {"a100", "A100 SXM, 80 GB", 80e9, 2039e9, 19.5e12, 156e12, 312e12},
    {"h100", "H100 SXM, 80 GB", 80e9, 3350e9, 67e12, 494e12, 989e12},
};

static const char *const families[][2] = {
    {"gemm", "products"},       {"store", "products"},       {"attend", "attention"},
    {"lsh_", "hashing"},        {"cross_entropy", "head"},   {"adamw", "optimiser"},
    {"adafactor", "optimiser"}, {"lion", "optimiser"},       {"muon", "optimiser"},
    {"mean_step", "optimiser"}, {"step_scale", "optimiser"}, {"", "elements"},
};
enum { FAMILIES = 6, OPS = 96 };
static const char *const names[FAMILIES] = {"products", "attention", "hashing",
                                            "head",     "optimiser", "elements"};

struct plan {
    struct rf_config cfg;
    struct train_job job;
    struct opt_strings strings;
    uint32_t len;
    double labels;                           /* of a token, on average */
    struct op_counts before[OPS], step[OPS]; /* at the end of the first update; of the second */
    size_t n_before, n_step;
    int updates;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "roofline: %s\n", what);
    exit(1);
}

/* --- an update */

/* A sequence of full length, with as many labels as the plan has. */
static int get(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
               int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    const struct plan *p = self;
    double rate = p->labels, due = 0;

    (void)eb;
    *n = p->len;
    *n_labels = 0;
    for (uint32_t k = 0; k < p->len; k++) {
        ids[k] = (int32_t)(i + k) % 100;
        if (due + rate >= (double)*n_labels + 1) {
            positions[*n_labels] = k;
            labels[(*n_labels)++] = ids[k];
        }
        due += rate;
    }
    return RF_OK;
}

/* The first update makes what later ones find, so that the second stands for all. */
static void stepped(void *self, const struct train_report *r)
{
    struct plan *p = self;
    const struct op_counts *ops;
    size_t n = count_by_op(p->job.nn, &ops);

    (void)r;
    if (++p->updates == 1) {
        memcpy(p->before, ops, n * sizeof *ops);
        p->n_before = n;
    } else if (p->updates == 2) {
        memcpy(p->step, ops, n * sizeof *ops);
        p->n_step = n;
        for (size_t k = 0; k < p->n_before; k++) {
            struct counts *c = &p->step[k].counts, *was = &p->before[k].counts;

            c->launches -= was->launches;
            c->bytes -= was->bytes;
            c->products -= was->products;
            c->hashing -= was->hashing;
        }
    }
}

static void configure(struct plan *p, const char *file, char **settings)
{
    struct errbuf eb = {0};
    struct buf text = {0};

    p->cfg = rf_config_default;
    if (input_slurp(&text, file, INPUT_RAW, 1 << 20, &eb) != RF_OK ||
        opt_read_yaml(rf_config_rows, &p->cfg, text.data, text.len, file, &p->strings, &eb) !=
            RF_OK)
        die(eb.text);
    for (; *settings; settings++) {
        char *value = strchr(*settings, '=');
        const struct opt *row;

        if (!value)
            die("a setting is KEY=VALUE");
        *value++ = '\0';
        if (!(row = opt_find(rf_config_rows, *settings)) ||
            opt_set(row, &p->cfg, value, &p->strings, &eb) != RF_OK)
            die(row ? eb.text : "there is no such setting");
    }
    buf_free(&text);
}

static struct train_trial make_updates(struct plan *p, const struct card *card, size_t vocab)
{
    struct errbuf eb = {0};
    struct train_trial trial;
    enum nn_dtype dtype = card->bf16 > 0 ? p->cfg.train.dtype : NN_FP32;

    p->cfg.train.steps = 10;
    p->len = (uint32_t)p->cfg.model.max_len;
    p->labels = task_of(&p->cfg)->labels(&p->cfg, p->len) / p->len;
    p->job = (struct train_job){.cfg = &p->cfg,
                                .task = task_of(&p->cfg),
                                .data = {.vocab_size = vocab, .max_len = p->len},
                                .train = {.name = "train",
                                          .records = 1 << 16,
                                          .max_len = p->len,
                                          .get = get,
                                          .self = p},
                                .hooks = {.self = p, .stepped = stepped}};
    if (nn_open_plan(&p->job.nn, (size_t)card->memory, dtype, &eb) != RF_OK ||
        train_try(&p->job, &trial, &eb) != RF_OK)
        die(eb.text);
    if (p->updates < 2)
        die("it does not fit the card");
    return trial;
}

/* --- what it takes */

struct sum {
    double launches, bytes, operations, by_bytes, by_operations, seconds;
};

static size_t family_of(const char *op)
{
    size_t k = 0, f = 0;

    while (strncmp(op, families[k][0], strlen(families[k][0])) != 0)
        k++;
    while (strcmp(names[f], families[k][1]) != 0)
        f++;
    return f;
}

static double peak_of(const struct card *card, enum nn_dtype dtype)
{
    return dtype == NN_BF16 && card->bf16 > 0   ? card->bf16
           : dtype == NN_TF32 && card->tf32 > 0 ? card->tf32
                                                : card->fp32;
}

/* Hashing is float32's, in every number type: integers are to be exact. */
static void add_op(struct sum *s, const struct op_counts *o, const struct card *card,
                   enum nn_dtype dtype)
{
    double by_bytes = o->counts.bytes / card->bandwidth;
    double by_operations =
        o->counts.products / peak_of(card, dtype) + o->counts.hashing / card->fp32;

    s->launches += (double)o->counts.launches;
    s->bytes += o->counts.bytes;
    s->operations += o->counts.products + o->counts.hashing;
    s->by_bytes += by_bytes;
    s->by_operations += by_operations;
    s->seconds += fmax(by_bytes, by_operations);
}

static void print_row(const char *name, const struct sum *s)
{
    printf("| %s | %.0f | %.2f | %.1f | %.2f | %.2f | %s |\n", name, s->launches,
           1e-9 * s->bytes, 1e-9 * s->operations, 1e3 * s->by_bytes, 1e3 * s->by_operations,
           s->by_bytes > s->by_operations ? "bandwidth" : "peak");
}

/* --needs counts hashing three times, as rf-log(5) says, and so do we for it. */
static void check_operations(const struct plan *p, double planned)
{
    double counted = 0;

    for (size_t i = 0; i < p->n_step; i++)
        counted += p->step[i].counts.products + 3 * p->step[i].counts.hashing;
    if (!(fabs(counted / planned - 1) < 0.01)) {
        fprintf(stderr, "roofline: the ops make %.6g operations, and %.6g are planned\n",
                counted, planned);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    const struct card *card = cards;
    static struct plan p;
    struct sum sums[FAMILIES] = {0}, all = {0};
    struct train_trial trial;
    double tokens;

    if (argc < 4)
        die("roofline CARD VOCABULARY FILE.yaml [SETTING=VALUE...]");
    while (card < cards + sizeof cards / sizeof *cards && strcmp(card->name, argv[1]) != 0)
        card++;
    if (card == cards + sizeof cards / sizeof *cards)
        die("there is no such card");
    configure(&p, argv[3], argv + 4);
    trial = make_updates(&p, card, strtoul(argv[2], NULL, 10));
    for (size_t i = 0; i < p.n_step; i++) {
        add_op(&sums[family_of(p.step[i].op)], &p.step[i], card, p.cfg.train.dtype);
        add_op(&all, &p.step[i], card, p.cfg.train.dtype);
    }
    check_operations(&p, trial.needs.executed_flops);
    tokens = (double)(p.cfg.train.batch * p.cfg.train.slots) * p.len;
    printf("%s: %s, at most %.0f tokens/s, %.0f an update\n\n", card->text, argv[3],
           tokens / all.seconds, tokens);
    puts("| ops | launches | GB | GFLOP | ms at bandwidth | ms at peak | bound by |");
    puts("|---|---|---|---|---|---|---|");
    for (size_t f = 0; f < FAMILIES; f++)
        if (sums[f].launches > 0)
            print_row(names[f], &sums[f]);
    print_row("all", &all);
    nn_close(p.job.nn);
    opt_strings_free(&p.strings);
    return 0;
}
