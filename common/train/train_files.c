/* train_files.c: the run's folder: lock and checkpoints. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/progress.h"
#include "train/train_parts.h"
#include "train/trained.h"

/* Make a folder and those that it lies in; *made is set if one of them was not there. */
static int make_folder(const char *path, bool *made, struct errbuf *eb)
{
    char *part = strdup(path);
    int rc = part ? RF_OK : err_nomem(eb);

    for (char *slash = part; rc == RF_OK && slash;) {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = '\0';
        if (mkdir(part, 0777) == 0)
            *made = true;
        else if (errno != EEXIST)
            rc = err_set(eb, RF_EIO, "cannot make folder '%s': %s", part, strerror(errno));
        if (slash)
            *slash = '/';
    }
    free(part);
    return rc;
}

/* Lock the run. The file names the process that holds the lock; the lock itself ends with that
 * process, whatever the file says. */
static int lock_run_at(struct train *t, const char *path, struct errbuf *eb)
{
    char holder[32] = "";

    if ((t->lock = TEMP_FAILURE_RETRY(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666))) < 0)
        return err_set(eb, RF_EIO, "cannot open '%s': %s", path, strerror(errno));
    if (TEMP_FAILURE_RETRY(flock(t->lock, LOCK_EX | LOCK_NB)) != 0) {
        if (errno != EWOULDBLOCK) /* as on a file system without locks: nobody else is there */
            return err_set(eb, RF_EIO, "cannot lock '%s': %s", path, strerror(errno));
        if (read(t->lock, holder, sizeof holder - 1) < 0)
            holder[0] = '\0';
        holder[strcspn(holder, "\n")] = '\0';
        return err_set(eb, RF_EIO, "run '%s' is being written by process %s", t->cfg->train.run,
                       *holder ? holder : "?");
    }
    snprintf(holder, sizeof holder, "%ld\n", (long)getpid());
    if (TEMP_FAILURE_RETRY(ftruncate(t->lock, 0)) != 0 ||
        write_all(t->lock, holder, strlen(holder)) != 0)
        return err_set(eb, RF_EIO, "cannot write '%s': %s", path, strerror(errno));
    return RF_OK;
}

static int lock_run(struct train *t, struct errbuf *eb)
{
    char *path = path_join(t->cfg->train.run, "lock");
    int rc = path ? lock_run_at(t, path, eb) : err_nomem(eb);

    free(path);
    return rc;
}

double train_seconds(const struct train *t)
{
    return t->state.seconds + now_s() - t->started;
}

/* --- checkpoints */

/* Weights, optimiser and mean of the weights as tensors in host memory. A device with memory of
 * its own needs copies; else the tensors point to where the numbers lie. */
struct staging {
    bool copied;
    float *block, *states; /* weights; states of the optimiser, with the mean behind them, or
                              NULL where each rank has a part of them */
    struct train_states parts;
    struct tensor *weights, *optim;
    size_t n_weights, n_optim;
};

static int staging_new(struct staging *s, struct train *t, struct errbuf *eb)
{
    bool alone = t->ranks->size == 1;
    const struct params *p = model_params(t->learner.model);
    const struct optim *o = &t->learner.optim;

    s->n_weights = p->present;
    s->n_optim = o->n_tensors + (o->ema ? p->present : 0);
    s->copied = !t->nn->ops->in_host;
    s->block =
        s->copied ? calloc(p->floats, sizeof *s->block) : model_weights(t->learner.model);
    if (alone)
        s->states = s->copied ? calloc(optim_bytes(o->cfg, p, NULL) + 1, 1) : o->block;
    s->weights = calloc(s->n_weights, sizeof *s->weights);
    s->optim = calloc(s->n_optim + 1, sizeof *s->optim);
    if (!s->block || (alone && !s->states) || !s->weights || !s->optim)
        return err_nomem(eb);
    params_tensors(p, s->weights, "", s->block);
    optim_tensors(o, s->optim, s->states);
    if (o->ema)
        params_tensors(p, s->optim + o->n_tensors, "ema.",
                       alone ? s->states + o->floats : NULL);
    if (!alone)
        train_states_of(&s->parts, t, s->optim, s->n_optim);
    return RF_OK;
}

static void staging_free(struct staging *s)
{
    if (s->copied) {
        free(s->block);
        free(s->states);
    }
    free(s->weights);
    free(s->optim);
}

/* How many checkpoints stay when a new one is written. While steps are skipped the new one's
 * weights may be no good, so that none is deleted. */
static uint64_t checkpoints_to_keep(const struct train *t)
{
    return t->state.skipped_in_row ? UINT64_MAX : t->cfg->train.keep;
}

static int write_checkpoint(struct train *t, const struct staging *s, struct errbuf *eb)
{
    const struct params *p = model_params(t->learner.model);
    struct ckpt_state state = t->state;
    struct buf config = {0};
    int rc;

    if (s->copied) {
        t->nn->ops->download(t->nn, s->block, model_weights(t->learner.model),
                             p->floats * sizeof(float));
        if (s->states)
            t->nn->ops->download(t->nn, s->states, t->learner.optim.block,
                                 optim_bytes(t->learner.optim.cfg, p, NULL));
    }
    if ((rc = nn_status(t->nn, eb)) != RF_OK)
        return rc;
    state.seconds = train_seconds(t);
    if (opt_write_yaml(rf_config_rows, t->cfg, &config) != RF_OK)
        rc = err_nomem(eb);
    else
        rc = ckpt_save(t->cfg->train.run, &state, config.data, s->weights, s->n_weights,
                       s->optim, s->n_optim, checkpoints_to_keep(t), eb);
    buf_free(&config);
    return rc;
}

/* Write log and checkpoint, with what the other ranks send of it. */
static int save(struct train *t, struct errbuf *eb)
{
    struct staging s = {0};
    int rc = log_flush(t, eb);

    if (rc != RF_OK)
        return rc;
    if (TEMP_FAILURE_RETRY(fsync(t->log)) != 0)
        return err_set(eb, RF_EIO, "cannot sync '%s/log.tsv': %s", t->cfg->train.run,
                       strerror(errno));
    t->state.log_bytes = t->log_end;
    rc = staging_new(&s, t, eb);
    if (rc == RF_OK)
        rc = write_checkpoint(t, &s, eb);
    staging_free(&s);
    return rc;
}

/* Save a checkpoint together: rank 0 writes. */
static int save_together(struct train *t, struct errbuf *eb)
{
    int rc = RF_OK, lost;

    if (t->ranks->rank > 0) {
        lost = train_states_serve(t, eb);
    } else {
        rc = save(t, eb);
        lost = train_states_end(t, eb);
    }
    if (lost != RF_OK)
        return lost;
    t->told = true;
    return train_tell_outcome(t, rc, eb);
}

int train_save(struct train *t, struct errbuf *eb)
{
    int rc;

    if (!t->dirty) { /* the last checkpoint is of now */
        t->owed = false;
        return RF_OK;
    }
    t->told = false;
    rc = t->ranks->size > 1 ? save_together(t, eb) : save(t, eb);
    if (rc == RF_OK) {
        t->dirty = t->owed = false;
        t->misses = 0;
        t->saved_moment = now_s();
    }
    return rc;
}

char *train_checkpoint_before(const struct train *t, uint64_t step)
{
    struct ckpt_list list = {0};
    char *path = NULL;
    int rc = ckpt_list(&list, t->cfg->train.run, NULL);

    for (size_t i = 0; rc == RF_OK && i < list.n && !path; i++) {
        struct ckpt *c = NULL;

        if (ckpt_open(&c, list.paths[i], NULL, NULL) == RF_OK && ckpt_state(c)->step < step)
            path = strdup(ckpt_path(c));
        ckpt_close(c);
    }
    ckpt_list_free(&list);
    return path;
}

static int check_vocab(const struct train *t, const struct ckpt *c, struct errbuf *eb)
{
    const struct ckpt_state *was = ckpt_state(c), *is = &t->state;

    if (was->vocab_size != is->vocab_size ||
        memcmp(was->vocab_digest, is->vocab_digest, CKPT_DIGEST_BYTES) != 0)
        return err_set(eb, RF_EINVAL, "the data have another vocabulary than '%s'",
                       ckpt_path(c));
    if (was->max_len > is->max_len)
        return err_set(eb, RF_EINVAL,
                       "the data's longest sequence is %llu tokens, '%s' has %llu: say "
                       "--model.max_len %llu",
                       (unsigned long long)is->max_len, ckpt_path(c),
                       (unsigned long long)was->max_len, (unsigned long long)was->max_len);
    if (was->max_len < is->max_len)
        return err_set(eb, RF_EINVAL,
                       "the data's longest sequence is %llu tokens, '%s' has %llu: make them "
                       "with --max-len %llu",
                       (unsigned long long)is->max_len, ckpt_path(c),
                       (unsigned long long)was->max_len, (unsigned long long)was->max_len);
    return RF_OK;
}

static int check_classes(const struct train *t, const struct ckpt *c, struct errbuf *eb)
{
    const char *was = ckpt_state(c)->classes, *is = t->state.classes;

    if (strcmp(was ? was : "", is ? is : "") == 0)
        return RF_OK;
    return err_set(eb, RF_EINVAL, "the data have other classes than '%s'", ckpt_path(c));
}

/* May this run go on from that checkpoint? */
static int check_same_run(const struct train *t, const struct ckpt *c, struct errbuf *eb)
{
    static const uint8_t none[CKPT_DIGEST_BYTES];
    const struct ckpt_state *was = ckpt_state(c), *is = &t->state;
    struct rf_config cfg;
    struct opt_strings strings = {0};
    int rc = trained_config(&cfg, &strings, c, NULL, eb);

    if (rc == RF_OK)
        rc = rf_config_same_run(&cfg, t->cfg, eb);
    opt_strings_free(&strings);
    if (rc == RF_OK)
        rc = check_vocab(t, c, eb);
    if (rc == RF_OK)
        rc = check_classes(t, c, eb);
    if (rc == RF_OK && was->best_step && cfg.train.best != t->cfg->train.best)
        rc = err_set(eb, RF_EINVAL,
                     "the run has train.best %s, not %s: choose another train.run",
                     best_names[cfg.train.best], best_names[t->cfg->train.best]);
    if (rc != RF_OK)
        return rc;
    if (memcmp(was->data_digest, none, sizeof none) != 0 &&
        memcmp(was->data_digest, is->data_digest, sizeof none) != 0)
        return err_set(eb, RF_EINVAL,
                       "the training data are not those that run '%s' began with: choose "
                       "another train.run",
                       t->cfg->train.run);
    return RF_OK;
}

static int read_tensors(struct train *t, const struct ckpt *c, struct errbuf *eb)
{
    const struct params *p = model_params(t->learner.model);
    struct staging s = {0};
    int rc = staging_new(&s, t, eb);

    if (rc == RF_OK)
        rc = ckpt_read_weights(c, s.weights, s.n_weights, eb);
    if (rc == RF_OK)
        rc = ckpt_read_optim(c, s.optim, s.n_optim, eb);
    if (rc == RF_OK && s.copied) {
        t->nn->ops->upload(t->nn, model_weights(t->learner.model), s.block,
                           p->floats * sizeof(float));
        if (s.states)
            t->nn->ops->upload(t->nn, t->learner.optim.block, s.states,
                               optim_bytes(t->learner.optim.cfg, p, NULL));
        rc = nn_status(t->nn, eb);
    }
    staging_free(&s);
    return rc;
}

/* Open a checkpoint, or the newest one of a run: rank 0 finds it, and all others open the same.
 */
static int open_one(struct ckpt **c, struct train *t, const char *path, struct errbuf *eb)
{
    char found[4096] = "";
    int rc = RF_OK;

    if (t->ranks->rank == 0 && (rc = ckpt_open(c, path, &t->broken, eb)) == RF_OK &&
        (size_t)snprintf(found, sizeof found, "%s", ckpt_path(*c)) >= sizeof found)
        rc = err_set(eb, RF_ERANGE, "the path of '%s' is too long", path);
    rc = ranks_agree(t->ranks, rc, eb);
    if (rc == RF_OK)
        rc = ranks_tell(t->ranks, found, sizeof found, eb);
    return rc == RF_OK && t->ranks->rank > 0 ? ckpt_open(c, found, NULL, eb) : rc;
}

static int resume(struct train *t, struct errbuf *eb)
{
    struct ckpt *c = NULL;
    int rc = open_one(&c, t, t->cfg->train.run, eb);

    if (rc == RF_OK)
        rc = check_same_run(t, c, eb);
    if (rc == RF_OK)
        rc = read_tensors(t, c, eb);
    if (rc == RF_OK) {
        const char *classes = t->state.classes; /* the data's live longer */

        t->state = *ckpt_state(c);
        t->state.classes = classes;
    }
    ckpt_close(c);
    return rc;
}

/* Begin with the weights and the optimiser of a checkpoint, which counts its updates on. */
static int take_optimiser_too(struct train *t, const struct ckpt *c, struct errbuf *eb)
{
    const struct ckpt_state *was = ckpt_state(c);
    struct rf_config cfg;
    struct opt_strings strings = {0};
    int rc = trained_config(&cfg, &strings, c, NULL, eb);

    if (rc == RF_OK)
        rc = rf_config_same_optim(&cfg, t->cfg, eb);
    opt_strings_free(&strings);
    if (rc == RF_OK)
        rc = check_classes(t, c, eb);
    if (rc == RF_OK)
        rc = read_tensors(t, c, eb);
    if (rc == RF_OK)
        t->state.optim_updates = was->optim_updates + was->step - was->skipped;
    return rc;
}

/* A new run begins with another one's weights, whatever data these were trained on. */
static int start_from(struct train *t, struct errbuf *eb)
{
    struct ckpt *c = NULL;
    int rc = open_one(&c, t, t->cfg->train.from, eb);

    if (rc == RF_OK)
        rc = check_vocab(t, c, eb);
    if (rc == RF_OK)
        rc = t->cfg->train.from_optim ? take_optimiser_too(t, c, eb)
                                      : trained_start(t->learner.model, t->nn, c, &t->anew, eb);
    ckpt_close(c);
    return rc;
}

/* Remove the folder of a run that cannot begin. */
static void remove_folder(const struct train *t)
{
    char *lock = path_join(t->cfg->train.run, "lock");

    if (lock)
        (void)unlink(lock);
    free(lock);
    (void)rmdir(
        t->cfg->train.run); /* fails, and the folder stays, if someone put a file there */
}

/* Make and lock the folder; *begun is set if it has a checkpoint. */
static int open_folder(struct train *t, bool *made, bool *begun, struct errbuf *eb)
{
    int rc = make_folder(t->cfg->train.run, made, eb);

    if (rc == RF_OK)
        rc = lock_run(t, eb);
    if (rc == RF_OK)
        rc = ckpt_sweep(t->cfg->train.run, eb);
    return rc == RF_OK ? ckpt_exists(begun, t->cfg->train.run, eb) : rc;
}

/* Read what the run begins with. */
static int read_first(struct train *t, bool begun, struct errbuf *eb)
{
    const char *from = t->cfg->train.from;

    if (begun)
        return resume(t, eb);
    return from && *from ? start_from(t, eb) : RF_OK;
}

int train_open_files(struct train *t, struct errbuf *eb)
{
    bool made = false, begun = false, first = t->ranks->rank == 0;
    int rc = first ? open_folder(t, &made, &begun, eb) : RF_OK;

    rc = ranks_agree(t->ranks, rc, eb);
    if (rc == RF_OK)
        rc = ranks_tell(t->ranks, &begun, sizeof begun, eb);
    if (rc == RF_OK)
        rc = read_first(t, begun, eb);
    if (rc == RF_OK && first)
        rc = log_open(t, eb);
    if (!t->ranks->agreed)
        rc = ranks_agree(t->ranks, rc, eb);
    if (rc != RF_OK && made)
        remove_folder(t);
    return rc;
}

void train_close_files(struct train *t)
{
    if (t->log >= 0)
        close(t->log);
    if (t->lock >= 0)
        close(t->lock);
    buf_free(&t->row);
    buf_free(&t->json);
    t->log = t->lock = -1;
}
