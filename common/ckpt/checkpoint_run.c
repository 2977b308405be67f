/* checkpoint_run.c: the folders of a run: lists its checkpoints and removes them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/opt.h"
#include "ckpt/checkpoint_parts.h"

char *step_path(const char *run, uint64_t step, const char *suffix)
{
    char *path;

    return asprintf(&path, "%s/step-%08llu%s", run, (unsigned long long)step, suffix) < 0
               ? NULL
               : path;
}

/* A folder of a run. */
struct entry {
    uint64_t step;
    enum ending { PLAIN, OLD, TMP } ending;
};
static const char *const endings[] = {"", ".old", ".tmp"};

struct entries {
    struct entry *e;
    size_t n;
};

/* Read the name of a folder. Only names that step_path() writes are accepted. */
static bool parse_name(struct entry *e, const char *name)
{
    char digits[24], again[40];
    size_t n = 0;

    if (strncmp(name, "step-", 5) == 0)
        n = strspn(name + 5, "0123456789");
    if (n < 8 || n >= sizeof digits)
        return false;
    memcpy(digits, name + 5, n);
    digits[n] = '\0';
    if (opt_parse_u64(&e->step, digits) != RF_OK)
        return false;
    for (int i = PLAIN; i <= TMP; i++) {
        snprintf(again, sizeof again, "step-%08llu%s", (unsigned long long)e->step, endings[i]);
        e->ending = (enum ending)i;
        if (strcmp(again, name) == 0)
            return true;
    }
    return false;
}

static int newest_first(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;

    if (a->step != b->step)
        return a->step > b->step ? -1 : 1;
    return (int)a->ending - (int)b->ending;
}

static int read_entries(struct entries *list, DIR *dir, const char *run, struct errbuf *eb)
{
    struct dirent *d;

    for (errno = 0; (d = readdir(dir)); errno = 0) {
        struct entry one, *more;

        if (!parse_name(&one, d->d_name))
            continue;
        if (!(more = realloc(list->e, (list->n + 1) * sizeof *more)))
            return err_nomem(eb);
        more[list->n++] = one;
        list->e = more;
    }
    return errno ? err_set(eb, RF_EIO, "cannot read folder '%s': %s", run, strerror(errno))
                 : RF_OK;
}

/* List all step-* folders, the newest first. The caller frees list->e, also after an error. */
static int list_entries(struct entries *list, const char *run, struct errbuf *eb)
{
    DIR *dir = opendir(run);
    int rc;

    if (!dir)
        return err_set(eb, RF_EIO, "cannot open folder '%s': %s", run, strerror(errno));
    rc = read_entries(list, dir, run, eb);
    closedir(dir);
    if (list->n)
        qsort(list->e, list->n, sizeof *list->e, newest_first);
    return rc;
}

int ckpt_list(struct ckpt_list *l, const char *run, struct errbuf *eb)
{
    struct entries all = {0};
    int rc = list_entries(&all, run, eb);

    *l = (struct ckpt_list){0};
    if (rc == RF_OK && !(l->paths = calloc(all.n + 1, sizeof *l->paths)))
        rc = err_nomem(eb);
    for (size_t i = 0; i < all.n && rc == RF_OK; i++) {
        if (all.e[i].ending == TMP)
            continue;
        l->paths[l->n] = step_path(run, all.e[i].step, endings[all.e[i].ending]);
        if (!l->paths[l->n++])
            rc = err_nomem(eb);
    }
    if (rc != RF_OK)
        ckpt_list_free(l);
    free(all.e);
    return rc;
}

void ckpt_list_free(struct ckpt_list *l)
{
    for (size_t i = 0; l->paths && i < l->n; i++)
        free(l->paths[i]);
    free(l->paths);
    *l = (struct ckpt_list){0};
}

/* Remove a folder, or a file in its place. A checkpoint's folder holds only plain files:
 * anything deeper is not ours and stays. */
static int remove_folder(const char *path, struct errbuf *eb)
{
    int fd = TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *d;

    if (fd < 0 && (errno == ENOTDIR || errno == ELOOP) && unlink(path) == 0)
        return RF_OK; /* a file, or a link, whose folder is not ours */
    if (fd >= 0 && !dir)
        close(fd);
    while (dir && (d = readdir(dir)))
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            (void)unlinkat(dirfd(dir), d->d_name, 0); /* rmdir() fails if something was left */
    if (dir)
        closedir(dir);
    if (rmdir(path) != 0)
        return err_set(eb, RF_EIO, "cannot remove '%s': %s", path, strerror(errno));
    return RF_OK;
}

void discard_tmp(const char *path)
{
    (void)remove_folder(path, NULL);
}

int step_drop(const char *run, uint64_t step, const char *suffix, struct errbuf *eb)
{
    char *path = step_path(run, step, suffix), *tmp = step_path(run, step, ".tmp");
    int rc;

    if (!path || !tmp)
        rc = err_nomem(eb);
    else if (rename(path, tmp) != 0)
        rc = err_set(eb, RF_EIO, "cannot remove '%s': %s", path, strerror(errno));
    else
        rc = remove_folder(tmp, eb);
    free(path);
    free(tmp);
    return rc;
}

int run_sweep(const char *run, struct errbuf *eb)
{
    struct entries all = {0};
    int rc = list_entries(&all, run, eb);

    for (size_t i = 0; i < all.n && rc == RF_OK; i++) {
        char *path;

        if (all.e[i].ending != TMP)
            continue;
        path = step_path(run, all.e[i].step, ".tmp");
        rc = path ? remove_folder(path, eb) : err_nomem(eb);
        free(path);
    }
    free(all.e);
    return rc;
}

static bool is_whole(const char *run, const struct entry *e)
{
    char *path = step_path(run, e->step, endings[e->ending]);
    struct st_sum sums[PARTS];
    bool whole = path && ckpt_check(path, PARTS, sums, NULL) == RF_OK;

    free(path);
    return whole;
}

int run_thin(const char *run, const struct ckpt_state *state, uint64_t keep, struct errbuf *eb)
{
    struct entries all = {0};
    int rc = list_entries(&all, run, eb);
    uint64_t kept = 1; /* that of `state`; later ones do not belong to this run's past */

    for (size_t i = 0; i < all.n && rc == RF_OK; i++) {
        const struct entry *e = &all.e[i];
        bool earlier = e->step < state->step;

        if (e->ending == PLAIN && earlier && kept < keep)
            kept += is_whole(run, e);
        else if (e->ending == PLAIN &&
                 (e->step == state->best_step || e->step == state->decay_step))
            continue;
        else if (e->ending == OLD || (e->ending == PLAIN && earlier))
            rc = step_drop(run, e->step, endings[e->ending], eb);
    }
    free(all.e);
    return rc;
}
