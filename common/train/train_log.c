/* train_log.c: the rows of log.tsv, rf-log(5). */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "train/train_parts.h"

/* The row's buffer is made so large when the log is opened, so that a step need not grow it. */
enum { ROW_BYTES = 2048 };

/* The columns, in order. Those that depend on the clock or the machine come last. */
enum column {
    STEP,
    EPOCH,
    TOKENS,
    SET,
    LOSS,
    PPL,
    ACC,
    LR,
    GRAD_NORM,
    EVAL_LOSS,
    EVAL_PPL,
    EVAL_BITS,
    EVAL_ACC,
    UNIGRAM_LOSS,
    SECONDS,
    TOKENS_PER_S,
    MFU,
    HFU,
    RSS,
    WAIT,
    COLUMNS
};

/* Each column's name, and its digits after the point; -1: six digits in all. */
static const struct {
    const char *name;
    int decimals;
} columns[COLUMNS] = {[STEP] = {"step", 0},
                      [EPOCH] = {"epoch", 4},
                      [TOKENS] = {"tokens", 0},
                      [SET] = {"set", 0},
                      [LOSS] = {"loss", 5},
                      [PPL] = {"ppl", -1},
                      [ACC] = {"acc", 5},
                      [LR] = {"lr", -1},
                      [GRAD_NORM] = {"grad_norm", -1},
                      [EVAL_LOSS] = {"eval_loss", 5},
                      [EVAL_PPL] = {"eval_ppl", -1},
                      [EVAL_BITS] = {"eval_bits", 5},
                      [EVAL_ACC] = {"eval_acc", 5},
                      [UNIGRAM_LOSS] = {"unigram_loss", 5},
                      [SECONDS] = {"seconds", 2},
                      [TOKENS_PER_S] = {"tokens_per_s", 1},
                      [MFU] = {"mfu", 4},
                      [HFU] = {"hfu", 4},
                      [RSS] = {"rss", 0},
                      [WAIT] = {"wait", 4}};

/* --- all columns: those above, and behind them those of the task */

enum { TASK_COLUMNS_MAX = 16 };

static int count_columns(const struct task *task)
{
    int n = COLUMNS;

    while (task->columns && task->columns[n - COLUMNS].name)
        n++;
    assert(n <= COLUMNS + TASK_COLUMNS_MAX);
    return n;
}

static const char *name_of(const struct task *task, int c)
{
    return c < COLUMNS ? columns[c].name : task->columns[c - COLUMNS].name;
}

static int decimals_of(const struct task *task, int c)
{
    return c < COLUMNS ? columns[c].decimals : task->columns[c - COLUMNS].decimals;
}

static void put_header(FILE *f, const struct task *task)
{
    int n = count_columns(task);

    for (int c = 0; c < n; c++)
        fprintf(f, "%s%c", name_of(task, c), c + 1 < n ? '\t' : '\n');
}

/* Count the bytes of the whole rows up to `step`, the line of names included. */
static int whole_rows(uint64_t *bytes, const char *path, uint64_t step, struct errbuf *eb)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    uint64_t kept = 0;
    bool failed;

    if (!f)
        return err_set(eb, RF_EIO, "cannot open '%s': %s", path, strerror(errno));
    while ((n = getline(&line, &size, f)) > 0 && line[n - 1] == '\n' &&
           (kept ? strtoull(line, NULL, 10) <= step : strncmp(line, "step\t", 5) == 0))
        kept += (uint64_t)n;
    failed = ferror(f);
    free(line);
    fclose(f);
    if (failed)
        return err_set(eb, RF_EIO, "cannot read '%s'", path);
    *bytes = kept;
    return RF_OK;
}

static int open_log_at(struct train *t, const char *path, struct errbuf *eb)
{
    struct stat st;
    int fd, rc;

    if (buf_reserve(&t->row, ROW_BYTES) != RF_OK)
        return err_nomem(eb);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || fstat(fd, &st) != 0)
        goto fail;
    t->log_short = (uint64_t)st.st_size < t->state.log_bytes;
    if (t->log_short &&
        (rc = whole_rows(&t->state.log_bytes, path, t->state.step, eb)) != RF_OK) {
        close(fd);
        return rc;
    }
    if (ftruncate(fd, (off_t)t->state.log_bytes) != 0 || lseek(fd, 0, SEEK_END) < 0 ||
        !(t->log = fdopen(fd, "a")))
        goto fail;
    if (!t->state.log_bytes)
        put_header(t->log, t->job->task);
    if (fflush(t->log) != 0)
        return err_set(eb, RF_EIO, "cannot write '%s': %s", path, strerror(errno));
    return RF_OK;
fail:
    rc = err_set(eb, RF_EIO, "cannot open '%s': %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return rc;
}

int log_open(struct train *t, struct errbuf *eb)
{
    char *path = path_join(t->cfg->train.run, "log.tsv");
    int rc = path ? open_log_at(t, path, eb) : err_nomem(eb);

    free(path);
    return rc;
}

static void fill_values(double *v, const struct task *task, const struct train_report *r,
                        const struct sums *sums)
{
    v[STEP] = (double)r->step;
    v[EPOCH] = r->epoch;
    v[TOKENS] = (double)r->tokens;
    v[SET] = (double)NAN;
    v[LOSS] = r->loss;
    v[PPL] = exp(r->loss);
    v[ACC] = r->acc;
    v[LR] = r->lr;
    v[GRAD_NORM] = r->grad_norm;
    v[EVAL_LOSS] = r->eval_loss;
    v[EVAL_PPL] = exp(r->eval_loss);
    v[EVAL_BITS] = r->eval_bits;
    v[EVAL_ACC] = r->eval_acc;
    v[UNIGRAM_LOSS] = r->unigram_loss;
    v[SECONDS] = r->seconds;
    v[TOKENS_PER_S] = r->tokens_per_s;
    v[MFU] = r->mfu;
    v[HFU] = r->hfu;
    v[RSS] = r->rss;
    v[WAIT] = r->wait;
    for (int c = COLUMNS; c < count_columns(task); c++)
        v[c] = sums ? task->columns[c - COLUMNS].value(sums) : (double)NAN;
}

static int put_number(struct buf *to, double x, int decimals)
{
    return decimals < 0 ? buf_printf(to, "%.6g", x) : buf_printf(to, "%.*f", decimals, x);
}

/* A field without a value is "-". */
static int put_tsv(struct buf *to, const struct task *task, const double *v, const char *set)
{
    int rc = RF_OK, n = count_columns(task);

    for (int c = 0; c < n && rc == RF_OK; c++) {
        if (c == SET && set)
            rc = buf_put(to, set, strlen(set));
        else if (isfinite(v[c]))
            rc = put_number(to, v[c], decimals_of(task, c));
        else
            rc = buf_put(to, "-", 1);
        if (rc == RF_OK)
            rc = buf_put(to, c + 1 < n ? "\t" : "\n", 1);
    }
    return rc;
}

/* A field without a value is left out; names of sets need no escapes. */
static int put_json(struct buf *to, const struct task *task, const double *v, const char *set)
{
    int rc = RF_OK, n = count_columns(task);

    for (int c = 0; c < n && rc == RF_OK; c++) {
        if (!isfinite(v[c]) && !(c == SET && set))
            continue;
        rc = buf_printf(to, "%s\"%s\":", c ? "," : "{", name_of(task, c));
        if (rc == RF_OK)
            rc = c == SET ? buf_printf(to, "\"%s\"", set)
                          : put_number(to, v[c], decimals_of(task, c));
    }
    return rc == RF_OK ? buf_put(to, "}\n", 2) : rc;
}

int log_row(struct train *t, const struct train_report *r, const struct sums *sums,
            struct errbuf *eb)
{
    const struct task *task = t->job->task;
    struct buf *row = &t->row;
    double v[COLUMNS + TASK_COLUMNS_MAX];

    fill_values(v, task, r, sums);
    buf_clear(row);
    if (put_tsv(row, task, v, r->set) != RF_OK)
        return err_nomem(eb);
    if (fwrite(row->data, 1, row->len, t->log) != row->len || fflush(t->log) != 0)
        return err_set(eb, RF_EIO, "cannot write '%s/log.tsv': %s", t->cfg->train.run,
                       strerror(errno));
    if (!t->job->hooks.logged)
        return RF_OK;
    buf_clear(row);
    if (put_json(row, task, v, r->set) != RF_OK)
        return err_nomem(eb);
    return t->job->hooks.logged(t->job->hooks.self, row->data, eb);
}
