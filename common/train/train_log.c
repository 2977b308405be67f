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

static int put_header(struct buf *to, const struct task *task)
{
    int n = count_columns(task), rc = RF_OK;

    for (int c = 0; c < n && rc == RF_OK; c++)
        rc = buf_printf(to, "%s%c", name_of(task, c), c + 1 < n ? '\t' : '\n');
    return rc;
}

/* --- the file */

int write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t got = write(fd, p, n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got ? errno : EIO;
            return -1;
        }
        p += got;
        n -= (size_t)got;
    }
    return 0;
}

/* The file is open for appending: what somebody else writes behind its end is not overwritten.
 */
int log_flush(struct train *t, struct errbuf *eb)
{
    off_t end = lseek(t->log, 0, SEEK_END);
    int rc;

    if (end < 0 || write_all(t->log, t->row.data, t->row.len) != 0) {
        rc = err_set(eb, RF_EIO, "cannot write '%s/log.tsv': %s", t->cfg->train.run,
                     strerror(errno));
        if (end >= 0)
            (void)!ftruncate(t->log, end); /* no part of a row stays */
        return rc;
    }
    t->log_end = (uint64_t)end + t->row.len;
    buf_clear(&t->row);
    return RF_OK;
}

/* Whether a line is a row that was written behind the checkpoint. An evaluation that was still
 * due then wrote its rows of that step later. */
static bool is_behind(const char *line, const struct ckpt_state *s)
{
    char *end;
    uint64_t step = strtoull(line, &end, 10);
    const char *set = end;

    if (end == line || *end != '\t')
        return false;
    for (int c = EPOCH; c < SET && set; c++)
        set = strchr(set + 1, '\t');
    return step > s->step || (step == s->step && !s->window.evaluated && set && set[1] != '-');
}

/* Find the end of what was there at the checkpoint. Lines that are no rows, which somebody
 * wrote between them, stay; a line that is cut off does not. */
static int find_end(uint64_t *end, FILE *f, const struct ckpt_state *s)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;

    *end = 0;
    while ((n = getline(&line, &size, f)) > 0 && line[n - 1] == '\n' && !is_behind(line, s))
        *end += (uint64_t)n;
    free(line);
    return ferror(f) ? -1 : 0;
}

/* Cut the log to what the checkpoint knows of it, and note if that is not as it was then. */
static int cut_log(struct train *t, const char *path, struct errbuf *eb)
{
    FILE *f = fopen(path, "re");
    struct stat st;
    int failed;

    if (!f || fstat(t->log, &st) != 0) {
        if (f)
            fclose(f);
        return err_set(eb, RF_EIO, "cannot open '%s': %s", path, strerror(errno));
    }
    failed = find_end(&t->log_end, f, &t->state);
    fclose(f);
    if (failed)
        return err_set(eb, RF_EIO, "cannot read '%s'", path);
    t->log_short = (uint64_t)st.st_size < t->state.log_bytes;
    t->log_changed = !t->log_short && t->log_end != t->state.log_bytes;
    if (TEMP_FAILURE_RETRY(ftruncate(t->log, (off_t)t->log_end)) != 0)
        return err_set(eb, RF_EIO, "cannot cut '%s': %s", path, strerror(errno));
    return RF_OK;
}

static int open_log_at(struct train *t, const char *path, struct errbuf *eb)
{
    int rc = RF_OK;

    if (buf_reserve(&t->row, ROW_BYTES) != RF_OK || buf_reserve(&t->json, ROW_BYTES) != RF_OK)
        return err_nomem(eb);
    if ((t->log =
             TEMP_FAILURE_RETRY(open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666))) < 0)
        return err_set(eb, RF_EIO, "cannot open '%s': %s", path, strerror(errno));
    if (t->state.step && (rc = cut_log(t, path, eb)) != RF_OK)
        return rc;
    if (!t->state.step && TEMP_FAILURE_RETRY(ftruncate(t->log, 0)) != 0)
        return err_set(eb, RF_EIO, "cannot cut '%s': %s", path, strerror(errno));
    if (!t->log_end && put_header(&t->row, t->job->task) != RF_OK)
        return err_nomem(eb);
    return log_flush(t, eb);
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
    v[PPL] = task->of_tokens ? exp(r->loss) : (double)NAN;
    v[ACC] = r->acc;
    v[LR] = r->lr;
    v[GRAD_NORM] = r->grad_norm;
    v[EVAL_LOSS] = r->eval_loss;
    v[EVAL_PPL] = task->of_tokens ? exp(r->eval_loss) : (double)NAN;
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
    const struct train_hooks *h = &t->job->hooks;
    struct errbuf why = {0}, line;
    bool waits = t->row.len > 0;
    double v[COLUMNS + TASK_COLUMNS_MAX];

    if (t->ranks->rank > 0)
        return RF_OK;
    fill_values(v, task, r, sums);
    if (put_tsv(&t->row, task, v, r->set) != RF_OK)
        return err_nomem(eb);
    /* A row that finds no room waits: whether the run goes on is decided where a checkpoint
     * cannot be written. */
    if (log_flush(t, &why) != RF_OK && !waits && h->missed) {
        err_write(&line, "%s; its rows wait", why.text);
        h->missed(h->self, line.text);
    }
    if (!h->logged)
        return RF_OK;
    buf_clear(&t->json);
    if (put_json(&t->json, task, v, r->set) != RF_OK)
        return err_nomem(eb);
    return h->logged(h->self, t->json.data, eb);
}
