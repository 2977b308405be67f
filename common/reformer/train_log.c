/* train_log.c: the rows of log.tsv, rf-log(5). */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reformer/train_parts.h"

enum { ROW_MAX_BYTES = 2048 };

/* The columns, in order. What depends on the clock or the machine stands last. */
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

/* With so many decimals, or digits in all where `decimals` is -1. */
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

int run_path(char *to, size_t size, const struct train *t, const char *name, struct errbuf *eb)
{
    const char *run = t->cfg->train.run;

    if ((size_t)snprintf(to, size, "%s/%s", run, name) >= size)
        return err_set(eb, RF_EINVAL, "the name of folder '%s' is too long", run);
    return RF_OK;
}

static void put_header(FILE *f)
{
    for (int c = 0; c < COLUMNS; c++)
        fprintf(f, "%s%c", columns[c].name, c + 1 < COLUMNS ? '\t' : '\n');
}

/* Bytes of the whole rows up to `step`, names of the columns included. */
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

int log_open(struct train *t, struct errbuf *eb)
{
    char path[4096];
    struct stat st;
    int rc = run_path(path, sizeof path, t, "log.tsv", eb);
    int fd = rc == RF_OK ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;

    if (rc != RF_OK)
        return rc;
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
        put_header(t->log);
    if (fflush(t->log) != 0)
        return err_set(eb, RF_EIO, "cannot write '%s': %s", path, strerror(errno));
    return RF_OK;
fail:
    rc = err_set(eb, RF_EIO, "cannot open '%s': %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return rc;
}

static void values(double v[COLUMNS], const struct train_report *r)
{
    v[STEP] = (double)r->step;
    v[EPOCH] = r->epoch;
    v[TOKENS] = (double)r->tokens;
    v[SET] = NAN;
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
}

static size_t put_number(char *to, size_t size, double x, int decimals)
{
    return (size_t)(decimals < 0 ? snprintf(to, size, "%.6g", x)
                                 : snprintf(to, size, "%.*f", decimals, x));
}

/* A field without a value is "-". */
static void put_tsv(char *to, size_t size, const double v[COLUMNS], const char *set)
{
    size_t at = 0;

    for (int c = 0; c < COLUMNS; c++) {
        if (c == SET && set)
            at += (size_t)snprintf(to + at, size - at, "%s", set);
        else if (isfinite(v[c]))
            at += put_number(to + at, size - at, v[c], columns[c].decimals);
        else
            at += (size_t)snprintf(to + at, size - at, "-");
        at += (size_t)snprintf(to + at, size - at, "%c", c + 1 < COLUMNS ? '\t' : '\n');
    }
}

/* A field without a value is left out; names of sets need no escapes. */
static void put_json(char *to, size_t size, const double v[COLUMNS], const char *set)
{
    size_t at = 0;

    for (int c = 0; c < COLUMNS; c++) {
        if (!isfinite(v[c]) && !(c == SET && set))
            continue;
        at += (size_t)snprintf(to + at, size - at, "%s\"%s\":", c ? "," : "{", columns[c].name);
        if (c == SET)
            at += (size_t)snprintf(to + at, size - at, "\"%s\"", set);
        else
            at += put_number(to + at, size - at, v[c], columns[c].decimals);
    }
    (void)snprintf(to + at, size - at, "}\n");
}

int log_row(struct train *t, const struct train_report *r, struct errbuf *eb)
{
    char row[ROW_MAX_BYTES];
    double v[COLUMNS];

    values(v, r);
    put_tsv(row, sizeof row, v, r->set);
    if (fputs(row, t->log) < 0 || fflush(t->log) != 0)
        return err_set(eb, RF_EIO, "cannot write '%s/log.tsv': %s", t->cfg->train.run,
                       strerror(errno));
    if (t->job->hooks.logged) {
        put_json(row, sizeof row, v, r->set);
        return t->job->hooks.logged(t->job->hooks.self, row, eb);
    }
    return RF_OK;
}
