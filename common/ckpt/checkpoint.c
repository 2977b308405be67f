#include "ckpt/checkpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "ckpt/checkpoint_parts.h"

/* --- saving */

static int write_tensors(const char *folder, enum ckpt_part part, const struct tensor *t,
                         size_t n, struct st_sum *sum, struct errbuf *eb)
{
    static const char *const metadata[] = {"format", "pt",
                                           NULL}; /* other readers expect this */
    char *path = path_join(folder, ckpt_part_names[part]);
    int rc = path ? st_write(path, t, n, metadata, sum, eb) : err_nomem(eb);

    free(path);
    return rc;
}

static int write_text(const char *folder, const char *name, const char *text, size_t n,
                      struct st_sum *sum, struct errbuf *eb)
{
    char *path = path_join(folder, name);
    int rc = path ? output_write(path, OUTPUT_BINARY, text, n, eb) : err_nomem(eb);

    if (rc == RF_OK)
        *sum = sum_bytes(text, n);
    free(path);
    return rc;
}

static int write_state(const char *folder, const struct ckpt_state *state, struct st_sum *sum,
                       struct errbuf *eb)
{
    struct buf text = {0};
    int rc = ckpt_format_state(&text, state);

    rc = rc == RF_OK
             ? write_text(folder, ckpt_part_names[PART_STATE], text.data, text.len, sum, eb)
             : err_nomem(eb);
    buf_free(&text);
    return rc;
}

static int write_manifest(const char *folder, const struct st_sum sums[PARTS],
                          struct errbuf *eb)
{
    struct buf text = {0};
    struct st_sum unused;
    int rc = ckpt_format_manifest(&text, sums);

    rc = rc == RF_OK ? write_text(folder, "MANIFEST", text.data, text.len, &unused, eb)
                     : err_nomem(eb);
    buf_free(&text);
    return rc;
}

/* Everything that a checkpoint holds, to be passed on together. */
struct parts {
    const struct ckpt_state *state;
    const char *config;
    const struct tensor *weights, *optim;
    size_t n_weights, n_optim;
};

/* Fill a new folder. Committing the last file also syncs the folder. */
static int write_folder(const char *folder, const struct parts *p, struct st_sum sums[PARTS],
                        struct errbuf *eb)
{
    int rc;

    if (mkdir(folder, 0777) != 0)
        return err_set(eb, RF_EIO, "cannot make folder '%s': %s", folder, strerror(errno));
    if ((rc = write_tensors(folder, PART_WEIGHTS, p->weights, p->n_weights, &sums[PART_WEIGHTS],
                            eb)) != RF_OK ||
        (rc = write_tensors(folder, PART_OPTIM, p->optim, p->n_optim, &sums[PART_OPTIM], eb)) !=
            RF_OK ||
        (rc = write_text(folder, ckpt_part_names[PART_CONFIG], p->config, strlen(p->config),
                         &sums[PART_CONFIG], eb)) != RF_OK ||
        (rc = write_state(folder, p->state, &sums[PART_STATE], eb)) != RF_OK)
        return rc;
    return write_manifest(folder, sums, eb);
}

/* Drop step-N or step-N.old. step-N is dropped only if its bytes are wrong, not if they could
 * not be read. */
static int drop_one(const char *run, uint64_t step, const char *plain, struct errbuf *eb)
{
    struct st_sum sums[PARTS];
    int rc = ckpt_check(plain, PARTS, sums, eb);

    if (rc == RF_OK)
        return step_drop(run, step, ".old", eb);
    return ckpt_is_damage(rc) ? step_drop(run, step, "", eb) : rc;
}

/* After a save that was killed, both step-N and step-N.old may be there. One must be dropped,
 * so that step-N can become step-N.old again. */
static int settle_old(const char *run, uint64_t step, struct errbuf *eb)
{
    char *old = step_path(run, step, ".old"), *plain = step_path(run, step, "");
    int rc = old && plain ? RF_OK : err_nomem(eb);

    if (rc == RF_OK && access(old, F_OK) == 0 && access(plain, F_OK) == 0)
        rc = drop_one(run, step, plain, eb);
    free(old);
    free(plain);
    return rc;
}

/* Drop step-N.old where step-N is whole. */
static int drop_old(const char *run, uint64_t step, struct errbuf *eb)
{
    char *plain = step_path(run, step, "");
    struct st_sum sums[PARTS];
    int rc = plain ? ckpt_check(plain, PARTS, sums, NULL) : err_nomem(eb);

    free(plain);
    if (!plain)
        return rc;
    return rc == RF_OK ? step_drop(run, step, ".old", eb) : RF_OK;
}

int ckpt_sweep(const char *run, struct errbuf *eb)
{
    struct ckpt_list l = {0};
    int rc = run_sweep(run, eb);

    if (rc == RF_OK)
        rc = ckpt_list(&l, run, eb);
    for (size_t i = 0; i < l.n && rc == RF_OK; i++) {
        const char *name = strrchr(l.paths[i], '/') + strlen("/step-");

        if (strchr(name, '.')) /* step-N.old */
            rc = drop_old(run, strtoull(name, NULL, 10), eb);
    }
    ckpt_list_free(&l);
    return rc;
}

/* Make the run's folder, and room for step-N.tmp in it. */
static int prepare_run(const char *run, uint64_t step, struct errbuf *eb)
{
    int rc = RF_OK;

    if (mkdir(run, 0777) == 0)
        rc = sync_folder_of(run, eb);
    else if (errno != EEXIST)
        rc = err_set(eb, RF_EIO, "cannot make folder '%s': %s", run, strerror(errno));
    if (rc == RF_OK)
        rc = run_sweep(run, eb);
    return rc == RF_OK ? settle_old(run, step, eb) : rc;
}

/* Rename step-N.tmp to step-N, and an older step-N to step-N.old before. A reader
 * accepts either. */
static int publish(const char *run, uint64_t step, struct errbuf *eb)
{
    char *tmp = step_path(run, step, ".tmp"), *plain = step_path(run, step, ""),
         *old = step_path(run, step, ".old");
    int rc = RF_OK;

    if (!tmp || !plain || !old)
        rc = err_nomem(eb);
    else if ((rename(plain, old) != 0 && errno != ENOENT) || rename(tmp, plain) != 0)
        rc = err_set(eb, RF_EIO, "cannot rename to '%s': %s", plain, strerror(errno));
    else
        rc = sync_folder_of(plain, eb);
    free(tmp);
    free(plain);
    free(old);
    return rc;
}

static int save(const char *run, const struct parts *p, uint64_t keep, struct errbuf *eb)
{
    uint64_t step = p->state->step;
    char *tmp = step_path(run, step, ".tmp"), *plain = step_path(run, step, "");
    struct st_sum sums[PARTS];
    int rc = tmp && plain ? prepare_run(run, step, eb) : err_nomem(eb);

    if (rc == RF_OK) {
        if ((rc = write_folder(tmp, p, sums, eb)) == RF_OK)
            rc = publish(run, step, eb);
        if (rc != RF_OK)
            discard_tmp(tmp);
    }
    if (rc == RF_OK && (rc = ckpt_check(plain, PARTS, sums, eb)) == RF_OK)
        rc = run_thin(run, p->state, keep, eb);
    free(tmp);
    free(plain);
    return rc;
}

int ckpt_save(const char *run, const struct ckpt_state *state, const char *config,
              const struct tensor *weights, size_t n_weights, const struct tensor *optim,
              size_t n_optim, uint64_t keep, struct errbuf *eb)
{
    const struct parts p = {.state = state,
                            .config = config,
                            .weights = weights,
                            .n_weights = n_weights,
                            .optim = optim,
                            .n_optim = n_optim};

    return save(run, &p, keep, eb);
}

/* --- opening */

struct ckpt {
    char *path;
    struct st_sum sums[PARTS];
    struct ckpt_state state;
    struct opt_strings strings; /* texts of the state */
    struct buf config;
};

static int slurp_part(struct buf *to, const char *folder, enum ckpt_part part, size_t limit,
                      struct errbuf *eb)
{
    char *path = path_join(folder, ckpt_part_names[part]);
    int rc = path ? input_slurp(to, path, INPUT_RAW, limit, eb) : err_nomem(eb);

    free(path);
    return rc;
}

static int read_state(struct ckpt *c, struct errbuf *eb)
{
    char *path = path_join(c->path, ckpt_part_names[PART_STATE]);
    struct buf text = {0};
    int rc = path ? input_slurp(&text, path, INPUT_RAW, STATE_MAX_BYTES, eb) : err_nomem(eb);

    if (rc == RF_OK)
        rc = ckpt_parse_state(&c->state, &c->strings, &text, path, eb);
    buf_free(&text);
    free(path);
    return rc;
}

static int open_one(struct ckpt **out, const char *path, enum ckpt_part unread,
                    struct errbuf *eb)
{
    struct ckpt *c = calloc(1, sizeof *c);
    int rc = RF_ENOMEM;

    if (!c || !(c->path = strdup(path)) || buf_reserve(&c->config, 1) != RF_OK)
        rc = err_nomem(eb);
    else if ((rc = ckpt_check(path, unread, c->sums, eb)) == RF_OK &&
             (rc = read_state(c, eb)) == RF_OK)
        rc = slurp_part(&c->config, path, PART_CONFIG, CONFIG_MAX_BYTES, eb);
    if (rc == RF_OK)
        *out = c;
    else
        ckpt_close(c);
    return rc;
}

/* Only a checkpoint whose bytes are known to be wrong is passed over. One that could not be
 * read may be whole, and an older one in its place would be a wrong answer. */
static int open_newest(struct ckpt **out, const struct ckpt_list *l, const char *run,
                       enum ckpt_part unread, uint64_t *broken, struct errbuf *eb)
{
    struct errbuf first = {0}, why = {0};
    int rc = RF_EIO, first_rc = RF_EIO;

    for (size_t i = 0; i < l->n; i++) {
        rc = open_one(out, l->paths[i], unread, &why);
        if (!ckpt_is_damage(rc)) {
            *broken = i;
            return rc == RF_OK ? rc : err_set(eb, rc, "%s", why.text);
        }
        if (i == 0) {
            first = why;
            first_rc = rc;
        }
    }
    return err_set(eb, first_rc, "no valid checkpoint in '%s', %zu are broken: %s", run, l->n,
                   first.text);
}

int ckpt_find_alone(const char *path, struct errbuf *eb)
{
    char *manifest = path_join(path, "MANIFEST");
    bool found = manifest && access(manifest, F_OK) == 0;
    int why = errno;

    if (!manifest)
        return err_nomem(eb);
    free(manifest);
    if (found)
        return RF_OK;
    return why == ENOENT
               ? err_set(eb, RF_EIO, "no checkpoint in folder '%s'", path)
               : err_set(eb, RF_EIO, "cannot open '%s/MANIFEST': %s", path, strerror(why));
}

static int open_alone(struct ckpt **out, const char *path, enum ckpt_part unread,
                      struct errbuf *eb)
{
    int rc = ckpt_find_alone(path, eb);

    return rc == RF_OK ? open_one(out, path, unread, eb) : rc;
}

static int open_any(struct ckpt **out, const char *path, enum ckpt_part unread,
                    uint64_t *broken, struct errbuf *eb)
{
    struct ckpt_list l;
    uint64_t passed_over = 0;
    int rc = ckpt_list(&l, path, eb);

    if (rc == RF_OK)
        rc = l.n ? open_newest(out, &l, path, unread, &passed_over, eb)
                 : open_alone(out, path, unread, eb);
    if (broken)
        *broken = passed_over;
    ckpt_list_free(&l);
    return rc;
}

int ckpt_open(struct ckpt **out, const char *path, uint64_t *broken, struct errbuf *eb)
{
    return open_any(out, path, PARTS, broken, eb);
}

int ckpt_open_to_use(struct ckpt **out, const char *path, bool ema, uint64_t *broken,
                     struct errbuf *eb)
{
    return open_any(out, path, ema ? PARTS : PART_OPTIM, broken, eb);
}

int ckpt_exists(bool *any, const char *run, struct errbuf *eb)
{
    struct ckpt_list l;
    int rc;

    if (access(run, F_OK) != 0 && errno == ENOENT) {
        *any = false;
        return RF_OK;
    }
    if ((rc = ckpt_list(&l, run, eb)) == RF_OK)
        *any = l.n > 0;
    ckpt_list_free(&l);
    return rc;
}

const char *ckpt_path(const struct ckpt *c)
{
    return c->path;
}

const struct ckpt_state *ckpt_state(const struct ckpt *c)
{
    return &c->state;
}

const char *ckpt_config(const struct ckpt *c)
{
    return c->config.data;
}

const char *ckpt_file(const struct ckpt *c, size_t i, uint64_t *bytes)
{
    if (i >= PARTS)
        return NULL;
    *bytes = c->sums[i].bytes;
    return ckpt_part_names[i];
}

/* Open the tensors of a part; *path, which the caller frees, is its file's name for messages.
 */
static int open_tensors(struct st_file **f, char **path, const struct ckpt *c,
                        enum ckpt_part part, struct errbuf *eb)
{
    int rc = (*path = path_join(c->path, ckpt_part_names[part])) ? st_open(f, *path, eb)
                                                                 : err_nomem(eb);

    if (rc == RF_OK && c->sums[part].finite)
        st_know_finite(*f);
    return rc;
}

static int open_part(struct st_file **f, const struct ckpt *c, enum ckpt_part part,
                     struct errbuf *eb)
{
    char *path;
    int rc = open_tensors(f, &path, c, part, eb);

    free(path);
    return rc;
}

/* Read tensors from a part. If `all` is true, the file may have no others. */
static int read_tensors(const struct ckpt *c, enum ckpt_part part, bool all,
                        const struct tensor *t, size_t n, struct errbuf *eb)
{
    struct st_file *f = NULL;
    char *path;
    int rc = open_tensors(&f, &path, c, part, eb);

    if (rc == RF_OK)
        rc = all ? st_read_into(f, t, n, path, eb) : st_read_some(f, t, n, path, eb);
    st_close(f);
    free(path);
    return rc;
}

int ckpt_check_weights(const struct ckpt *c, const struct tensor *t, size_t n,
                       struct errbuf *eb)
{
    struct st_file *f = NULL;
    char *path;
    int rc = open_tensors(&f, &path, c, PART_WEIGHTS, eb);

    if (rc == RF_OK)
        rc = st_check(f, t, n, path, eb);
    st_close(f);
    free(path);
    return rc;
}

int ckpt_read_weights(const struct ckpt *c, const struct tensor *t, size_t n, struct errbuf *eb)
{
    return read_tensors(c, PART_WEIGHTS, true, t, n, eb);
}

int ckpt_read_optim(const struct ckpt *c, const struct tensor *t, size_t n, struct errbuf *eb)
{
    return read_tensors(c, PART_OPTIM, true, t, n, eb);
}

static const char ema_prefix[] = "ema.";

int ckpt_has_ema(bool *has, const struct ckpt *c, struct errbuf *eb)
{
    struct st_file *f = NULL;
    int rc = open_part(&f, c, PART_OPTIM, eb);

    if (rc != RF_OK)
        return rc;
    *has = false;
    for (size_t i = 0; i < st_count(f) && !*has; i++)
        *has = strncmp(st_at(f, i)->name, ema_prefix, strlen(ema_prefix)) == 0;
    st_close(f);
    return RF_OK;
}

int ckpt_read_ema(const struct ckpt *c, const struct tensor *t, size_t n, struct errbuf *eb)
{
    return read_tensors(c, PART_OPTIM, false, t, n, eb);
}

int ckpt_map(struct st_file **f, const float **at, const struct ckpt *c, bool ema,
             const struct tensor *t, size_t n, struct errbuf *eb)
{
    struct st_file *opened = NULL;
    char *path;
    int rc = open_tensors(&opened, &path, c, ema ? PART_OPTIM : PART_WEIGHTS, eb);

    if (rc == RF_OK && (rc = st_map(opened, at, t, n, path, eb)) == RF_OK)
        *f = opened;
    else
        st_close(opened);
    free(path);
    return rc;
}

int ckpt_open_weights(struct st_file **f, const struct ckpt *c, struct errbuf *eb)
{
    return open_part(f, c, PART_WEIGHTS, eb);
}

void ckpt_close(struct ckpt *c)
{
    if (!c)
        return;
    opt_strings_free(&c->strings);
    buf_free(&c->config);
    free(c->path);
    free(c);
}
