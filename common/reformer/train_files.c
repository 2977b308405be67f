/* train_files.c: the run's folder: lock, log, checkpoints. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/progress.h"
#include "reformer/train_parts.h"

static const char log_header[] =
    "step\tepoch\ttokens\tloss\tppl\tacc\tlr\tgrad_norm\teval_loss\t"
    "eval_ppl\teval_acc\tunigram_loss\tseconds\ttokens_per_s\n";

static int run_path(char *to, size_t size, const struct train *t, const char *name,
                    struct errbuf *eb)
{
    const char *run = t->cfg->train.run;

    if ((size_t)snprintf(to, size, "%s/%s", run, name) >= size)
        return err_set(eb, RF_EINVAL, "the name of folder '%s' is too long", run);
    return RF_OK;
}

/* The folder and those it lies in. */
static int make_folder(const char *path, struct errbuf *eb)
{
    char *part = strdup(path);
    int rc = part ? RF_OK : err_nomem(eb);

    for (char *slash = part; rc == RF_OK && slash;) {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            rc = err_set(eb, RF_EIO, "cannot make folder '%s': %s", part, strerror(errno));
        if (slash)
            *slash = '/';
    }
    free(part);
    return rc;
}

/* The holder's process id stands in the file; the lock itself goes with its process. */
static int lock_run(struct train *t, struct errbuf *eb)
{
    char path[4096], holder[32] = "";
    int rc = run_path(path, sizeof path, t, "lock", eb);

    if (rc != RF_OK)
        return rc;
    if ((t->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666)) < 0)
        return err_set(eb, RF_EIO, "cannot open '%s': %s", path, strerror(errno));
    if (flock(t->lock, LOCK_EX | LOCK_NB) != 0) {
        if (read(t->lock, holder, sizeof holder - 1) < 0)
            holder[0] = '\0';
        holder[strcspn(holder, "\n")] = '\0';
        return err_set(eb, RF_EIO, "run '%s' is being written by process %s", t->cfg->train.run,
                       *holder ? holder : "?");
    }
    snprintf(holder, sizeof holder, "%ld\n", (long)getpid());
    if (ftruncate(t->lock, 0) != 0 ||
        pwrite(t->lock, holder, strlen(holder), 0) != (ssize_t)strlen(holder))
        return err_set(eb, RF_EIO, "cannot write '%s': %s", path, strerror(errno));
    return RF_OK;
}

/* --- the log */

/* Open log.tsv cut to what the checkpoint knows of it; from the start where that is not there.
 */
static int open_log(struct train *t, struct errbuf *eb)
{
    char path[4096];
    struct stat st;
    int rc = run_path(path, sizeof path, t, "log.tsv", eb);
    int fd = rc == RF_OK ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;

    if (rc != RF_OK)
        return rc;
    if (fd < 0 || fstat(fd, &st) != 0)
        goto fail;
    if ((uint64_t)st.st_size < t->state.log_bytes)
        t->state.log_bytes = 0;
    if (ftruncate(fd, (off_t)t->state.log_bytes) != 0 || lseek(fd, 0, SEEK_END) < 0 ||
        !(t->log = fdopen(fd, "a")))
        goto fail;
    if (!t->state.log_bytes && (fputs(log_header, t->log) < 0 || fflush(t->log) != 0))
        return err_set(eb, RF_EIO, "cannot write '%s': %s", path, strerror(errno));
    return RF_OK;
fail:
    rc = err_set(eb, RF_EIO, "cannot open '%s': %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return rc;
}

/* With so many decimals, or digits in all where `decimals` is 0. */
static void put(FILE *f, double x, int decimals, char end)
{
    if (isnan(x))
        putc('-', f);
    else if (decimals)
        fprintf(f, "%.*f", decimals, x);
    else
        fprintf(f, "%.6g", x);
    putc(end, f);
}

int train_log(struct train *t, const struct train_report *r, struct errbuf *eb)
{
    FILE *f = t->log;

    fprintf(f, "%llu\t%.4f\t%llu\t", (unsigned long long)r->step, r->epoch,
            (unsigned long long)r->tokens);
    put(f, r->loss, 5, '\t');
    put(f, exp(r->loss), 0, '\t');
    put(f, r->acc, 5, '\t');
    put(f, r->lr, 0, '\t');
    put(f, r->grad_norm, 0, '\t');
    put(f, r->eval_loss, 5, '\t');
    put(f, exp(r->eval_loss), 0, '\t');
    put(f, r->eval_acc, 5, '\t');
    put(f, r->unigram_loss, 5, '\t');
    put(f, r->seconds, 2, '\t');
    put(f, r->tokens_per_s, 1, '\n');
    if (fflush(f) != 0 || ferror(f))
        return err_set(eb, RF_EIO, "cannot write '%s/log.tsv': %s", t->cfg->train.run,
                       strerror(errno));
    return RF_OK;
}

double train_seconds(const struct train *t)
{
    return t->state.seconds + now_s() - t->started;
}

/* --- checkpoints */

/* Weights and optimiser in host memory, as files have them. */
struct staging {
    float *block; /* three blocks */
    struct tensor *weights, *optim;
    size_t n_weights, n_optim;
};

static int staging_new(struct staging *s, struct train *t, struct errbuf *eb)
{
    const struct params *p = model_params(t->model);

    s->n_weights = p->present;
    s->n_optim = 2 * p->present + 1;
    s->block = calloc(3 * p->floats, sizeof *s->block);
    s->weights = calloc(s->n_weights, sizeof *s->weights);
    s->optim = calloc(s->n_optim, sizeof *s->optim);
    if (!s->block || !s->weights || !s->optim)
        return err_nomem(eb);
    params_tensors(p, s->weights, "", s->block);
    params_tensors(p, s->optim, "m.", s->block + p->floats);
    params_tensors(p, s->optim + p->present, "v.", s->block + 2 * p->floats);
    s->optim[2 * p->present] = (struct tensor){
        .name = "log.window", .dims = 1, .shape = {WINDOW_FLOATS}, .data = t->window};
    return RF_OK;
}

static void staging_free(struct staging *s)
{
    free(s->block);
    free(s->weights);
    free(s->optim);
}

static int write_checkpoint(struct train *t, const struct staging *s, struct errbuf *eb)
{
    size_t floats = model_params(t->model)->floats, bytes = floats * sizeof(float);
    struct ckpt_state state = t->state;
    struct buf config = {0};
    int rc;

    t->nn->ops->download(t->nn, s->block, model_weights(t->model), bytes);
    t->nn->ops->download(t->nn, s->block + floats, t->optim.m, bytes);
    t->nn->ops->download(t->nn, s->block + 2 * floats, t->optim.v, bytes);
    if ((rc = nn_status(t->nn, eb)) != RF_OK)
        return rc;
    state.seconds = train_seconds(t);
    if (opt_write_yaml(rf_config_rows, t->cfg, &config) != RF_OK)
        rc = err_nomem(eb);
    else
        rc = ckpt_save(t->cfg->train.run, &state, config.data, s->weights, s->n_weights,
                       s->optim, s->n_optim, t->cfg->train.keep, eb);
    buf_free(&config);
    return rc;
}

int train_save(struct train *t, struct errbuf *eb)
{
    struct staging s = {0};
    off_t end;
    int rc;

    if (!t->dirty)
        return RF_OK;
    if (fflush(t->log) != 0 || fsync(fileno(t->log)) != 0 || (end = ftello(t->log)) < 0)
        return err_set(eb, RF_EIO, "cannot write '%s/log.tsv': %s", t->cfg->train.run,
                       strerror(errno));
    t->state.log_bytes = (uint64_t)end;
    rc = staging_new(&s, t, eb);
    if (rc == RF_OK)
        rc = write_checkpoint(t, &s, eb);
    staging_free(&s);
    if (rc == RF_OK) {
        t->saved = true;
        t->dirty = false;
        t->saved_step = t->state.step;
    }
    return rc;
}

/* May this run go on from that checkpoint? */
static int check_same_run(const struct train *t, const struct ckpt *c, struct errbuf *eb)
{
    const struct ckpt_state *was = ckpt_state(c), *is = &t->state;
    struct rf_config cfg = rf_config_default;
    struct opt_strings strings = {0};
    const char *yaml = ckpt_config(c);
    int rc =
        opt_read_yaml(rf_config_rows, &cfg, yaml, strlen(yaml), "config.yaml", &strings, eb);

    if (rc == RF_OK)
        rc = rf_config_same_run(&cfg, t->cfg, eb);
    opt_strings_free(&strings);
    if (rc != RF_OK)
        return rc == RF_EUSAGE ? RF_EFORMAT : rc;
    if (was->vocab_size != is->vocab_size ||
        memcmp(was->vocab_digest, is->vocab_digest, CKPT_DIGEST_BYTES) != 0)
        return err_set(eb, RF_EINVAL, "the data have another vocabulary than run '%s'",
                       t->cfg->train.run);
    if (was->max_len != is->max_len)
        return err_set(eb, RF_EINVAL,
                       "the data's longest sequence is %llu tokens, run '%s' has %llu",
                       (unsigned long long)is->max_len, t->cfg->train.run,
                       (unsigned long long)was->max_len);
    return RF_OK;
}

static int read_tensors(struct train *t, const struct ckpt *c, struct errbuf *eb)
{
    size_t floats = model_params(t->model)->floats, bytes = floats * sizeof(float);
    struct staging s = {0};
    int rc = staging_new(&s, t, eb);

    if (rc == RF_OK)
        rc = ckpt_read_weights(c, s.weights, s.n_weights, eb);
    if (rc == RF_OK)
        rc = ckpt_read_optim(c, s.optim, s.n_optim, eb);
    if (rc == RF_OK) {
        t->nn->ops->upload(t->nn, model_weights(t->model), s.block, bytes);
        t->nn->ops->upload(t->nn, t->optim.m, s.block + floats, bytes);
        t->nn->ops->upload(t->nn, t->optim.v, s.block + 2 * floats, bytes);
        rc = nn_status(t->nn, eb);
    }
    staging_free(&s);
    return rc;
}

static int resume(struct train *t, struct errbuf *eb)
{
    struct ckpt *c = NULL;
    int rc = ckpt_open(&c, t->cfg->train.run, &t->broken, eb);

    if (rc != RF_OK)
        return rc;
    rc = check_same_run(t, c, eb);
    if (rc == RF_OK)
        rc = read_tensors(t, c, eb);
    if (rc == RF_OK) {
        t->state = *ckpt_state(c);
        t->saved = true;
        t->saved_step = t->state.step;
    }
    ckpt_close(c);
    return rc;
}

int train_open_files(struct train *t, struct errbuf *eb)
{
    int rc = make_folder(t->cfg->train.run, eb);

    if (rc == RF_OK)
        rc = lock_run(t, eb);
    if (rc == RF_OK && ckpt_exists(t->cfg->train.run))
        rc = resume(t, eb);
    return rc == RF_OK ? open_log(t, eb) : rc;
}

void train_close_files(struct train *t)
{
    if (t->log)
        fclose(t->log);
    if (t->lock >= 0)
        close(t->lock);
    t->log = NULL;
    t->lock = -1;
}
