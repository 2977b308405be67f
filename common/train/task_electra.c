/*
 * task_electra.c: replaced-token detection (Clark et al. 2020, ELECTRA, section 2).
 *
 * A generator fills in masked words, as a masked language model; words drawn from what it says
 * take their places, and the model, the discriminator, tells at each token whether it is the
 * text's. A drawn word that is the text's own is not replaced. No gradient flows through the
 * draws. The generator's loss is a mean over masked words, the discriminator's over all tokens.
 */
#include "train/task_electra.h"

#include <string.h>

#include "train/task_head.h"

/* What the sums of a batch are of. */
enum {
    GENERATOR,     /* the masked words */
    DISCRIMINATOR, /* all tokens */
    REPLACED,      /* those of them that are replaced */
    HOW_MANY,      /* hits: the number of these */
    SUMS
};

static const struct model_output outputs[] = {{"replaced.weight", 1, (size_t)MODEL_DIM, 'w'},
                                              {"replaced.bias", 1, 0, '0'}};

/* Both models draw numbers of their own. */
static struct model_draw generators(const struct learner *l, const struct model_draw *draw)
{
    struct model_draw d = *draw;

    d.seed = rng_apart(draw->seed, RNG_GENERATOR);
    d.given = draw->given ? draw->given + model_params(l->model)->branches : NULL;
    return d;
}

/* --- a batch for the discriminator */

/* What the discriminator sees, in the host's memory: [rows] of each. */
struct seen {
    int32_t *ids, *rows, *labels, *drawn;
};

static struct seen carve(struct task_room *from, size_t rows)
{
    struct seen s;

    arena_rewind(&from->host, 0);
    s.ids = head_host(from, rows);
    s.rows = head_host(from, rows);
    s.labels = head_host(from, rows);
    s.drawn = head_host(from, rows);
    return s;
}

static void carve_largest(struct task_room *room, const struct params *p, size_t batch,
                          bool train)
{
    (void)train;
    (void)carve(room, batch * p->shape.max_len);
}

/* Put drawn words where they are others than the text's; returns how many. labels[b T + t] is
 * 1 for these. */
static size_t replace(const struct seen *s, const struct model_batch *b)
{
    size_t n = b->B * b->T, replaced = 0;

    memcpy(s->ids, b->ids, n * sizeof *s->ids);
    memset(s->labels, 0, n * sizeof *s->labels);
    for (size_t i = 0; i < b->n; i++) {
        size_t row = (size_t)b->rows[i];

        s->ids[row] = s->drawn[i];
        s->labels[row] = s->drawn[i] != b->labels[i];
        replaced += s->labels[row] != 0;
    }
    return replaced;
}

/* List the rows of all tokens, replaced ones first. Returns how many they are. */
static size_t list_rows(const struct seen *s, const struct model_batch *b, size_t replaced)
{
    size_t first = 0, other = replaced;

    for (size_t row = 0; row < b->B * b->T; row++)
        if (s->labels[row])
            s->rows[first++] = (int32_t)row;
        else if (!b->real || b->real[row])
            s->rows[other++] = (int32_t)row;
    for (size_t i = 0; i < other; i++)
        s->labels[i] = i < replaced;
    return other;
}

static int discriminate(struct learner *l, const struct model_batch *b, const struct seen *s,
                        const struct model_draw *draw, float *grad, struct nn_sum *sum,
                        struct errbuf *eb)
{
    struct model_batch seen = {.B = b->B,
                               .T = b->T,
                               .ids = s->ids,
                               .real = b->real,
                               .rows = s->rows,
                               .labels = s->labels};
    size_t replaced = replace(s, b);

    seen.n = list_rows(s, b, replaced);
    return model_add_replaced_loss(l->model, &seen, replaced, draw, grad, 1, sum, eb);
}

static int electra_loss(struct learner *l, const struct model_batch *b,
                        const struct model_draw *draw, float *grad,
                        const struct model_sink *sink, struct nn_sum *sum, struct errbuf *eb)
{
    const struct seen s = carve(&l->room, b->B * b->T);
    const struct model_draw other = generators(l, draw);
    const struct model_words words = {l->temperature, s.drawn};
    int rc = model_add_loss_drawing(model_generator(l->model), b, &other, grad, 1, &words,
                                    &sum[GENERATOR], eb);

    (void)sink; /* optim.in_backward is refused */
    if (draw->given_words)
        memcpy(s.drawn, draw->given_words, b->n * sizeof *s.drawn);
    return rc == RF_OK ? discriminate(l, b, &s, draw, grad, &sum[DISCRIMINATOR], eb) : rc;
}

/* --- both losses together */

static double mean(double sum, double n)
{
    return n > 0 ? sum / n : 0;
}

/* Gradients of the generator's loss are apart from those of the discriminator's, also where
 * both are of one parameter: only now, with all slots of a step, it is known by what each is to
 * be divided. */
static void weigh(struct learner *l, const struct rf_config *c, float *grad,
                  const struct sums *all)
{
    const struct params *p = model_params(l->model);
    const struct params_span generator = params_of_generator(p);
    const struct params_span both = {.floats = p->shared};
    const struct params_span rest = {.offset = p->shared,
                                     .floats = generator.offset - p->shared};
    struct params_part of = part_of_span(&l->optim.part, &both);
    const struct nn_ops *op = l->nn->ops;
    float g = (float)c->generator.weight,
          d = (float)(c->generator.discriminator_weight * (double)all->labels /
                      (double)all->tokens);

    if (of.to > of.from)
        op->combine(l->nn, grad + of.from, g, grad + p->floats + of.from, d, grad + of.from,
                    of.to - of.from);
    of = part_of_span(&l->optim.part, &rest);
    if (of.to > of.from)
        op->combine(l->nn, grad + of.from, d, grad + of.from, 0, NULL, of.to - of.from);
    of = part_of_span(&l->optim.part, &generator);
    if (of.to > of.from)
        op->combine(l->nn, grad + of.from, g, grad + of.from, 0, NULL, of.to - of.from);
}

static void report(const struct rf_config *c, const struct sums *s, double *loss, double *acc)
{
    double generator = mean(s->of[GENERATOR].loss, (double)s->labels);
    double discriminator = mean(s->of[DISCRIMINATOR].loss, (double)s->tokens);

    *loss = c->generator.weight * generator + c->generator.discriminator_weight * discriminator;
    *acc = mean(s->of[DISCRIMINATOR].hits, (double)s->tokens);
}

/* --- the log */

static double generator_loss(const struct sums *s)
{
    return s->of[GENERATOR].loss / (double)s->labels;
}

static double generator_acc(const struct sums *s)
{
    return s->of[GENERATOR].hits / (double)s->labels;
}

static double discriminator_loss(const struct sums *s)
{
    return s->of[DISCRIMINATOR].loss / (double)s->tokens;
}

static double discriminator_acc(const struct sums *s)
{
    return s->of[DISCRIMINATOR].hits / (double)s->tokens;
}

/* Of the tokens that are said to be replaced, the share that is; none are said: no number. */
static double precision(const struct sums *s)
{
    double right = s->of[REPLACED].hits, replaced = s->of[HOW_MANY].hits;
    double others = (double)s->tokens - replaced;
    double wrong = others - (s->of[DISCRIMINATOR].hits - right);

    return right / (right + wrong);
}

/* Of the replaced tokens, the share that is said to be. */
static double recall(const struct sums *s)
{
    return s->of[REPLACED].hits / s->of[HOW_MANY].hits;
}

static const struct task_column columns[] = {{"generator_loss", 5, generator_loss},
                                             {"generator_acc", 5, generator_acc},
                                             {"discriminator_loss", 5, discriminator_loss},
                                             {"discriminator_acc", 5, discriminator_acc},
                                             {"replaced_precision", 5, precision},
                                             {"replaced_recall", 5, recall},
                                             {NULL, 0, NULL}};

/* --- the task */

/* Whether section generator has a setting with the n bytes of this name. */
static bool is_generators(const char *name, size_t n)
{
    static const char *const names[] = {"dim", "depth", "heads", "dim_head", "ff_mult"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (n == strlen(names[i]) && memcmp(name, names[i], n) == 0)
            return true;
    return false;
}

/* Append a line about a model's settings. Those that section generator has too are named as
 * that has them. */
static int put_named(struct buf *to, const char *line)
{
    static const char ours[] = "model.";
    int rc = RF_OK;

    for (const char *at; rc == RF_OK && (at = strstr(line, ours)); line = at + strlen(ours)) {
        const char *name = at + strlen(ours);
        size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz_");

        rc = buf_printf(to, "%.*s%s", (int)(at - line), line,
                        is_generators(name, n) ? "generator." : ours);
    }
    return rc == RF_OK ? buf_printf(to, "%s", line) : rc;
}

static int check_both(const struct rf_config *c, struct errbuf *eb)
{
    const struct model_cfg both = task_model(&task_electra, c, NULL);
    struct errbuf why = {0};
    struct model_cfg generator;
    struct buf line = {0};
    int rc;

    if (c->model.causal)
        return err_set(eb, RF_EUSAGE, "data.task electra needs model.causal false");
    model_cfg_generator(&generator, &both);
    if ((rc = model_cfg_check(&generator, &why)) != RF_OK)
        rc = put_named(&line, why.text) == RF_OK
                 ? err_set(eb, rc, "of the generator: %s", line.data)
                 : err_nomem(eb);
    buf_free(&line);
    return rc;
}

const struct task task_electra = {.data = TASK_DATA_MASKED,
                                  .generator = true,
                                  .sums = SUMS,
                                  .outputs = outputs,
                                  .n_outputs = sizeof outputs / sizeof *outputs,
                                  .carve = carve_largest,
                                  .check = check_both,
                                  .labels = task_masked_labels,
                                  .loss = electra_loss,
                                  .weigh = weigh,
                                  .report = report,
                                  .columns = columns};
