#include "run/run_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/progress.h"
#include "base/words.h"
#include "train/score.h"
#include "wordpiece/excerpt.h"

enum { VOCAB_MAX_BYTES = 256 << 20, MIB = 1 << 20 };

/* The kind that shards must be of; 0: sequences or masked. */
static enum shard_kind kind_of(enum task_data data)
{
    return data == TASK_DATA_QA        ? SHARD_QA
           : data == TASK_DATA_CLASSES ? SHARD_CLASSES
                                       : (enum shard_kind)0;
}

/* How a run reads shards; the names are borrowed from its configuration. */
static struct train_set_cfg set_cfg(const struct rf_config *c)
{
    const struct data_cfg *d = &c->data;

    return (struct train_set_cfg){.mask = {.rate = d->mask_rate,
                                           .mask_part = d->mask_part,
                                           .random_part = d->random_part,
                                           .span = d->span,
                                           .seed = c->train.seed},
                                  .words_of = d->whole_word ? d->vocab : NULL,
                                  .next_token = task_of(c)->data == TASK_DATA_NEXT,
                                  .label_from = d->label_from,
                                  .kind = kind_of(task_of(c)->data),
                                  .batch = c->train.batch,
                                  .group = d->group_by_length,
                                  .in_order = d->in_order,
                                  .by_blocks = d->read == READ_BLOCKS,
                                  .window = d->window};
}

struct train_source run_source(const char *name, struct train_set *set, const struct vocab *v)
{
    return (struct train_source){.self = set,
                                 .name = name,
                                 .records = train_set_count(set),
                                 .max_len = train_set_info(set)->max_len,
                                 .bytes_per_token = v ? train_set_bytes_per_label(set, v) : 0,
                                 .get = train_set_get};
}

/* Check that the set called `name` was encoded with the vocabulary of `of`, which has that size
 * and digest. The size is checked too, because a set that lies about it could have ids outside
 * of the model's tables. */
static int check_vocab(const struct train_set *s, const char *name, uint64_t size,
                       const uint8_t *digest, const char *of, struct errbuf *eb)
{
    const struct shard_info *info = train_set_info(s);

    if (memcmp(info->vocab_digest, digest, SHARD_DIGEST_BYTES) != 0)
        return err_set(eb, RF_EINVAL, "'%s' was encoded with another vocabulary than '%s'",
                       name, of);
    if (info->vocab_size != size)
        return err_set(eb, RF_EINVAL, "'%s' has a vocabulary of %u tokens, '%s' one of %llu",
                       name, info->vocab_size, of, (unsigned long long)size);
    return RF_OK;
}

/* Check that the set called `name` numbers its classes as `of` does. */
static int check_classes(const struct train_set *s, const char *name, const char *classes,
                         const char *of, struct errbuf *eb)
{
    if (strcmp(train_set_info(s)->classes, classes ? classes : "") == 0)
        return RF_OK;
    return err_set(eb, RF_EINVAL, "'%s' has other classes than '%s'", name, of);
}

/* --- the data of a training run */

/* Each sequence may be too short to have a label, but not all of them. */
static int check_labels(const struct run_data *d, const struct train_set *s, const char *name,
                        struct errbuf *eb)
{
    uint64_t from = d->cfg->data.label_from;

    if (task_of(d->cfg)->data == TASK_DATA_NEXT && from >= train_set_info(s)->max_len)
        return err_set(
            eb, RF_EINVAL,
            "data.label_from %llu leaves no label in '%s', of sequences of up to %u: say "
            "%u or less",
            (unsigned long long)from, name, train_set_info(s)->max_len,
            train_set_info(s)->max_len - 1);
    return RF_OK;
}

/* A set must have the vocabulary of data.vocab or, without that, of the training data. */
static int check_set(const struct run_data *d, const struct train_set *s, const char *name,
                     struct errbuf *eb)
{
    const struct shard_info *first = train_set_info(d->train);
    int rc = d->vocab ? check_vocab(s, name, vocab_size(d->vocab), vocab_digest(d->vocab),
                                    d->cfg->data.vocab, eb)
                      : check_vocab(s, name, first->vocab_size, first->vocab_digest,
                                    d->cfg->data.train, eb);

    if (rc == RF_OK)
        rc = check_classes(s, name, first->classes, d->cfg->data.train, eb);
    return rc == RF_OK ? check_labels(d, s, name, eb) : rc;
}

static int load_vocab(struct run_data *d, const char *name, struct errbuf *eb)
{
    struct buf *text = &d->vocab_text;
    int rc = input_slurp(text, name, INPUT_RAW, VOCAB_MAX_BYTES, eb);

    return rc == RF_OK ? vocab_parse(&d->vocab, text->data, text->len, name, NULL, eb) : rc;
}

/* Bytes that the sets take which are there. */
static uint64_t bytes_held(const struct run_data *d)
{
    uint64_t bytes = d->train ? train_set_bytes_held(d->train) : 0;

    for (size_t i = 0; i < d->eval.n; i++)
        bytes += d->eval.e[i].set ? train_set_bytes_held(d->eval.e[i].set) : 0;
    return bytes;
}

/* What sets that are now read whole may take; of blocks it is seen when all are open. */
static uint64_t memory_left(const struct run_data *d)
{
    uint64_t all = d->cfg->data.memory ? d->cfg->data.memory : machine_memory();
    uint64_t held = bytes_held(d);

    return all > held ? all - held : 1;
}

/* Blocks may take what data.memory leaves: those of evaluation data first, because they are
 * read more often. */
static int spend_memory(struct run_data *d, struct errbuf *eb)
{
    uint64_t may = d->cfg->data.memory, need = bytes_held(d), left = may - need;

    if (d->cfg->data.read != READ_BLOCKS || !may)
        return RF_OK;
    if (need > may)
        return err_set(eb, RF_EINVAL,
                       "data.memory is less than blocks take at this data.window: say %lluM or "
                       "more, or a smaller window",
                       (unsigned long long)(need + MIB - 1) / MIB);
    for (size_t i = 0; i < d->eval.n; i++)
        left -= train_set_hold_more(d->eval.e[i].set, left);
    (void)train_set_hold_more(d->train, left);
    return RF_OK;
}

static int load_train(struct run_data *d, const struct train_set_cfg *cfg, char *const *names,
                      size_t n, struct errbuf *eb)
{
    struct words words = {0};
    int rc;

    if (n)
        return train_set_load(&d->train, names, n, cfg, eb);
    rc = words_split(&words, d->cfg->data.train, eb);
    if (rc == RF_OK)
        rc = train_set_load(&d->train, words.w, words.n, cfg, eb);
    words_free(&words);
    return rc;
}

static int load_eval(struct run_data *d, const struct train_set_cfg *cfg, struct errbuf *eb)
{
    struct words words = {0};
    struct train_set_cfg rest = *cfg;
    int rc = words_split(&words, d->cfg->data.eval ? d->cfg->data.eval : "", eb);

    rest.memory = memory_left(d);

    if (rc == RF_OK)
        rc = eval_sets_load(&d->eval, words.w, words.n, &rest, eb);
    words_free(&words);
    for (size_t i = 0; i < d->eval.n && rc == RF_OK; i++)
        rc = check_set(d, d->eval.e[i].set, d->eval.e[i].name, eb);
    return rc;
}

/* The vocabulary by which a label stands for bytes of text; NULL: labels are no tokens. */
static const struct vocab *text_vocab(const struct run_data *d)
{
    return task_of(d->cfg)->of_tokens ? d->vocab : NULL;
}

static int make_sources(struct run_data *d, struct errbuf *eb)
{
    if (!(d->sources = calloc(d->eval.n + 1, sizeof *d->sources)))
        return err_nomem(eb);
    for (size_t i = 0; i < d->eval.n; i++)
        d->sources[i] = run_source(d->eval.e[i].name, d->eval.e[i].set, text_vocab(d));
    return RF_OK;
}

int run_data_load(struct run_data *d, struct rf_config *c, char *const *words, size_t n,
                  struct errbuf *eb)
{
    struct train_set_cfg cfg = set_cfg(c);
    int rc = RF_OK;

    d->cfg = c;
    cfg.memory = memory_left(d);
    if (c->start.needs)
        return RF_OK;
    if ((c->train.patience || c->train.keep_best) && !(c->data.eval && *c->data.eval))
        return err_set(eb, RF_EUSAGE, "%s needs data.eval",
                       c->train.patience ? "train.patience" : "train.keep_best");
    if (c->data.vocab && *c->data.vocab)
        rc = load_vocab(d, c->data.vocab, eb);
    if (rc == RF_OK)
        rc = load_train(d, &cfg, words, n, eb);
    if (rc == RF_OK)
        rc = check_set(d, d->train, c->data.train, eb);
    if (rc == RF_OK)
        rf_config_epochs(c, train_set_count(d->train));
    if (rc == RF_OK)
        rc = load_eval(d, &cfg, eb);
    if (rc == RF_OK)
        rc = spend_memory(d, eb);
    return rc == RF_OK ? make_sources(d, eb) : rc;
}

void run_data_free(struct run_data *d)
{
    train_set_free(d->train);
    eval_sets_free(&d->eval);
    free(d->sources);
    vocab_free(d->vocab);
    buf_free(&d->vocab_text);
    *d = (struct run_data){0};
}

static struct ckpt_state describe_data(const struct run_data *d)
{
    const struct shard_info *a = train_set_info(d->train);
    struct ckpt_state s = {
        .vocab_size = a->vocab_size, .special = a->special, .max_len = a->max_len};

    for (size_t i = 0; i < d->eval.n; i++)
        if (s.max_len < d->sources[i].max_len)
            s.max_len = d->sources[i].max_len;
    s.classes = *a->classes ? a->classes : NULL;
    memcpy(s.vocab_digest, a->vocab_digest, sizeof s.vocab_digest);
    train_set_digest(d->train, s.data_digest);
    return s;
}

static void describe_job(struct train_job *job, const struct run_data *d)
{
    *job = (struct train_job){.cfg = d->cfg,
                              .task = task_of(d->cfg),
                              .data_bytes = train_set_bytes_held(d->train),
                              .data = describe_data(d),
                              .train = run_source("train", d->train, text_vocab(d)),
                              .eval = d->sources,
                              .n_eval = d->eval.n,
                              .counts = train_set_counts(d->train)};
    for (size_t i = 0; i < d->eval.n; i++)
        job->data_bytes += train_set_bytes_held(d->eval.e[i].set);
}

/* --- the device of a training run */

/* A run goes on only where it began: for one that did, "auto" means that device. */
static int go_on_there(struct rf_config *cfg, struct opt_strings *keep, struct errbuf *eb)
{
    struct run_model was = {0};
    bool begun;
    int rc = ckpt_exists(&begun, cfg->train.run, eb);

    if (rc != RF_OK || !begun)
        return rc;
    rc = run_open_settings(&was, &(struct run_use){.path = cfg->train.run}, eb);
    if (rc == RF_OK)
        rc = run_device_set(cfg, was.cfg.train.device, keep, eb);
    run_close(&was);
    return rc;
}

static int open_to_train(struct nn **nn, struct rf_config *cfg, struct opt_strings *keep,
                         struct errbuf *instead, struct errbuf *eb)
{
    struct device_choice choice;
    int rc = rf_config_device(&choice, cfg->train.device, eb);

    if (rc != RF_OK)
        return rc;
    if (choice.memory && strcmp(choice.name, "cuda") == 0 &&
        (cfg->start.dry_run || cfg->start.needs))
        return nn_open_plan(nn, choice.memory, (enum nn_dtype)cfg->train.dtype, eb);
    if (strcmp(choice.name, "auto") == 0)
        rc = go_on_there(cfg, keep, eb);
    return rc == RF_OK ? run_device(nn, cfg, keep, cfg->train.threads, false, instead, eb) : rc;
}

int run_job(struct train_job *job, const struct run_data *d, struct opt_strings *keep,
            struct errbuf *instead, struct errbuf *eb)
{
    if (d->train)
        describe_job(job, d);
    else /* it is asked what a run needs */
        *job = (struct train_job){
            .cfg = d->cfg,
            .task = task_of(d->cfg),
            .data = {.vocab_size = d->cfg->start.needs,
                     /* data alone say how many classes there are: two, the fewest */
                     .classes = task_of(d->cfg)->data == TASK_DATA_CLASSES ? "0\n1\n" : NULL}};
    return open_to_train(&job->nn, d->cfg, keep, instead, eb);
}

int run_data_keep_vocab(const struct run_data *d, struct errbuf *eb)
{
    char *path;
    int rc;

    if (!d->vocab)
        return RF_OK;
    path = path_join(d->cfg->train.run, "vocab.txt");
    rc = path ? output_write(path, OUTPUT_TEXT, d->vocab_text.data, d->vocab_text.len, eb)
              : err_nomem(eb);
    free(path);
    return rc;
}

static int put_sample(const struct run_data *d, struct buf *to, const char *what,
                      const struct train_sample *s, const int32_t *put, struct errbuf *eb)
{
    int rc = buf_printf(to, "  %s  ", what) == RF_OK ? RF_OK : err_nomem(eb);

    if (rc == RF_OK)
        rc = excerpt_text(d->vocab, to, s->ids, s->n, s->positions, put, s->n_labels, eb);
    if (rc == RF_OK && buf_put(to, "\n", 1) != RF_OK)
        rc = err_nomem(eb);
    return rc;
}

int run_data_sample(const struct run_data *d, struct buf *to, const struct train_sample *s,
                    struct errbuf *eb)
{
    int rc = RF_OK;

    if (!d->vocab || !s->n_labels)
        return RF_OK;
    if (task_of(d->cfg)->data == TASK_DATA_MASKED)
        rc = put_sample(d, to, "masked", s, NULL, eb);
    if (rc == RF_OK)
        rc = put_sample(d, to, "model ", s, s->guess, eb);
    return rc == RF_OK ? put_sample(d, to, "text  ", s, s->labels, eb) : rc;
}

/* --- evaluations of an open model */

int run_eval_sets(struct eval_sets *sets, const struct run_model *m, char *const *words,
                  size_t n, struct errbuf *eb)
{
    const struct train_set_cfg cfg = set_cfg(&m->cfg);

    return eval_sets_load(sets, words, n, &cfg, eb);
}

int run_score(const struct run_model *m, const struct eval_set *s, struct run_scores *scores,
              struct errbuf *eb)
{
    const struct vocab *v = task_of(&m->cfg)->of_tokens ? m->vocab : NULL;
    const struct train_source set = run_source(s->name, s->set, v);
    const struct ckpt_state *state = ckpt_state(m->ckpt);
    struct learner learner = {.nn = m->nn, .model = m->model};
    struct scorer scorer = {.l = &learner,
                            .task = task_of(&m->cfg),
                            .data = state,
                            .batch = m->cfg.train.batch,
                            .draw = m->draw};
    struct sums_tree tree = {.n = 0};
    struct sums sums;
    int rc = check_vocab(s->set, s->name, state->vocab_size, state->vocab_digest,
                         ckpt_path(m->ckpt), eb);

    if (rc == RF_OK)
        rc = check_classes(s->set, s->name, state->classes, ckpt_path(m->ckpt), eb);
    if (rc == RF_OK)
        rc = learner_open(&learner, scorer.task, &m->cfg, scorer.batch, eb);
    if (rc == RF_OK && (rc = scorer_new(&scorer, eb)) == RF_OK) {
        scorer_begin(&scorer);
        rc = scorer_add(&scorer, &set, 0, scorer_batches(&scorer, &set), &tree, eb);
    }
    if (rc == RF_OK)
        sums = scorer_end(&scorer, &tree);
    scorer_free(&scorer);
    learner_close(&learner);
    if (rc != RF_OK)
        return rc;
    if (!sums.labels)
        return err_set(eb, RF_EINVAL, "'%s' has no label", s->name);
    *scores = (struct run_scores){.labels = sums.labels, .sums = sums};
    task_report(task_of(&m->cfg), &m->cfg, &sums, &scores->loss, &scores->acc);
    scores->bits = train_bits(scores->loss, &set);
    return RF_OK;
}
