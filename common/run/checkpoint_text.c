#include "run/checkpoint_text.h"

#include <math.h>
#include <string.h>

#include "base/words.h"
#include "ckpt/checkpoint_parts.h"
#include "train/task.h"
#include "train/trained.h"

static int put_weights(struct buf *to, const struct ckpt *c, struct errbuf *eb)
{
    struct st_file *f = NULL;
    uint64_t parameters = 0, generator = 0;
    int rc = ckpt_open_weights(&f, c, eb);

    if (rc != RF_OK)
        return rc;
    for (size_t i = 0; i < st_count(f); i++)
        *(strncmp(st_at(f, i)->name, "generator.", 10) == 0 ? &generator : &parameters) +=
            st_at(f, i)->bytes / sizeof(float);
    rc = buf_printf(to, "tensors: %zu\nparameters: %llu\n", st_count(f),
                    (unsigned long long)parameters);
    if (rc == RF_OK && generator)
        rc = buf_printf(to, "generator_parameters: %llu\n", (unsigned long long)generator);
    if (rc == RF_OK)
        rc = buf_printf(to, "dtype: F32\n");
    st_close(f);
    return rc == RF_OK ? rc : err_nomem(eb);
}

static int put_vocab(struct buf *to, const struct ckpt_state *s)
{
    int rc =
        buf_printf(to, "vocab_size: %llu\nvocab_digest: ", (unsigned long long)s->vocab_size);

    for (size_t i = 0; i < CKPT_DIGEST_BYTES && rc == RF_OK; i++)
        rc = buf_printf(to, "%02x", s->vocab_digest[i]);
    return rc == RF_OK ? buf_printf(to, "\nmax_len: %llu\n", (unsigned long long)s->max_len)
                       : rc;
}

/* Put a line for each class that the model tells, in their order. */
static int put_classes(struct buf *to, const struct ckpt_state *s)
{
    int rc = RF_OK;

    for (size_t i = 0; i < lines_in(s->classes) && rc == RF_OK; i++) {
        size_t len;
        const char *name = line_of(s->classes, i, &len);

        rc = buf_printf(to, "class: %.*s\n", (int)len, name);
    }
    return rc;
}

static bool is_shown(const struct opt *o, const struct rf_config *c)
{
    if (strncmp(o->name, "generator.", 10) == 0)
        return task_of(c)->generator;
    return strncmp(o->name, "model.", 6) == 0 || strcmp(o->name, "data.task") == 0 ||
           strcmp(o->name, "optim.name") == 0;
}

/* Put the settings that say which model this is; the others are about its training. */
static int put_model(struct buf *to, const struct ckpt *c, struct errbuf *eb)
{
    struct rf_config cfg;
    struct opt_strings strings = {0};
    int rc = trained_config(&cfg, &strings, c, NULL, eb);

    for (const struct opt *o = rf_config_rows; o->type != OPT_TYPE_END && rc == RF_OK; o++)
        if (is_shown(o, &cfg) &&
            (buf_printf(to, "%s: ", o->name) != RF_OK || opt_format(o, &cfg, to) != RF_OK ||
             buf_put(to, "\n", 1) != RF_OK))
            rc = err_nomem(eb);
    opt_strings_free(&strings);
    return rc;
}

int ckpt_text_settings(struct buf *to, const struct ckpt *c, struct errbuf *eb)
{
    const struct ckpt_state *s = ckpt_state(c);
    const char *name;
    uint64_t bytes;
    bool ema;
    int rc = ckpt_has_ema(&ema, c, eb);

    if (rc != RF_OK)
        return rc;
    rc = buf_printf(to, "path: %s\nstep: %llu\ntokens: %llu\nseconds: %.1f\nskipped: %llu\n",
                    ckpt_path(c), (unsigned long long)s->step, (unsigned long long)s->tokens,
                    s->seconds, (unsigned long long)s->skipped);
    if (rc == RF_OK && s->best_step)
        rc = buf_printf(to, "best_step: %llu\nbest_loss: %.5f\n",
                        (unsigned long long)s->best_step, s->best_loss);
    if (rc == RF_OK && s->decay_step)
        rc = buf_printf(to, "decay_step: %llu\n", (unsigned long long)s->decay_step);
    if (rc == RF_OK && s->limit_reached)
        rc = buf_printf(to, "limit_reached: true\n");
    if (rc != RF_OK || put_vocab(to, s) != RF_OK || put_classes(to, s) != RF_OK ||
        buf_printf(to, "ema: %s\n", ema ? "true" : "false") != RF_OK)
        return err_nomem(eb);
    if ((rc = put_weights(to, c, eb)) != RF_OK || (rc = put_model(to, c, eb)) != RF_OK)
        return rc;
    for (size_t i = 0; (name = ckpt_file(c, i, &bytes)); i++)
        if (buf_printf(to, "%s: %llu B\n", name, (unsigned long long)bytes) != RF_OK)
            return err_nomem(eb);
    return RF_OK;
}

static int put_shape(struct buf *to, const struct st_view *v)
{
    int rc = buf_printf(to, "%s\t%s", v->name, v->dims ? "" : "1");

    for (size_t i = 0; i < v->dims && rc == RF_OK; i++)
        rc = buf_printf(to, "%s%zu", i ? "x" : "", v->shape[i]);
    return rc;
}

/* Sums are in double and in order, so that the digits are the same everywhere. */
static int put_tensor(struct buf *to, const struct st_view *v)
{
    const float *x = v->data;
    size_t n = v->bytes / sizeof *x;
    double min = n ? (double)x[0] : 0, max = min, sum = 0, squares = 0,
           count = n ? (double)n : 1;

    for (size_t i = 0; i < n; i++) {
        min = fmin(min, (double)x[i]);
        max = fmax(max, (double)x[i]);
        sum += (double)x[i];
        squares += (double)x[i] * (double)x[i];
    }
    if (put_shape(to, v) != RF_OK)
        return RF_ENOMEM;
    return buf_printf(to, "\t%zu\t%.6g\t%.6g\t%.6g\t%.6g\n", n, min, sum / count, max,
                      sqrt(squares / count));
}

int ckpt_text_tensors(struct buf *to, const struct ckpt *c, struct errbuf *eb)
{
    struct st_file *f = NULL;
    int rc = ckpt_open_weights(&f, c, eb);

    if (rc != RF_OK)
        return rc;
    rc = buf_printf(to, "tensor\tshape\tcount\tmin\tmean\tmax\trms\n");
    for (size_t i = 0; i < st_count(f) && rc == RF_OK; i++)
        rc = st_at(f, i)->type == ST_F32 ? put_tensor(to, st_at(f, i)) : RF_OK;
    st_close(f);
    return rc == RF_OK ? rc : err_nomem(eb);
}

/* How many checkpoints are damaged, and how many could not be read, which may be whole. */
struct faults {
    size_t broken, unread;
};

/* Put a line about a checkpoint, and count it if something is wrong with it. */
static int put_check(struct buf *to, const char *path, struct faults *n, struct errbuf *eb)
{
    struct errbuf why = {0};
    struct ckpt *c = NULL;
    int rc = ckpt_open(&c, path, NULL, &why);

    ckpt_close(c);
    n->broken += ckpt_is_damage(rc);
    n->unread += rc != RF_OK && !ckpt_is_damage(rc);
    if (rc == RF_ENOMEM ||
        buf_printf(to, "%s: %s\n", path, rc == RF_OK ? "whole" : why.text) != RF_OK)
        return err_nomem(eb);
    return RF_OK;
}

/* A folder that holds no checkpoints must be a checkpoint itself. */
static int check_alone(struct buf *to, const char *path, struct faults *n, struct errbuf *eb)
{
    int rc = ckpt_find_alone(path, eb);

    return rc == RF_OK ? put_check(to, path, n, eb) : rc;
}

static int sum_up(const struct faults *n, size_t of, struct errbuf *eb)
{
    if (n->unread)
        return err_set(eb, RF_ECHECK, "%zu of %zu checkpoints cannot be read, %zu are broken",
                       n->unread, of, n->broken);
    if (n->broken)
        return err_set(eb, RF_ECHECK, "%zu of %zu checkpoints are broken", n->broken, of);
    return RF_OK;
}

int ckpt_text_check(struct buf *to, const char *path, struct errbuf *eb)
{
    struct ckpt_list l;
    struct faults n = {0};
    int rc = ckpt_list(&l, path, eb);

    if (rc == RF_OK && l.n == 0)
        rc = check_alone(to, path, &n, eb);
    for (size_t i = 0; i < l.n && rc == RF_OK; i++)
        rc = put_check(to, l.paths[i], &n, eb);
    if (rc == RF_OK)
        rc = sum_up(&n, l.n ? l.n : 1, eb);
    ckpt_list_free(&l);
    return rc;
}
