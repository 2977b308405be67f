#include "plot/plot_log.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/opt.h"

/* The columns' names in the log. */
static const char *const x_names[] = {"step", "tokens", "seconds", "epoch"};
static const char *const y_names[][COLUMNS] = {
    [PLOT_LOSS] = {NULL, "loss", "eval_loss", "unigram_loss"},
    [PLOT_PERPLEXITY] = {NULL, "loss", "eval_loss", "unigram_loss"}, /* drawn as exponentials */
    [PLOT_BITS] = {NULL, NULL, "eval_bits", "unigram_loss", "eval_loss"},
    [PLOT_LR] = {NULL, "lr", NULL, NULL},
    [PLOT_ELECTRA] = {NULL, "generator_loss", "discriminator_loss"},
    [PLOT_REPLACED] = {NULL, "replaced_precision", "replaced_recall"},
    [PLOT_SCORE] = {NULL, "eval_acc", NULL}};

/* The column by which a log of a task is known, and its scores. */
static const struct {
    const char *column, *scores[2];
} tasks[LOG_TASKS] = {[LOG_TOKENS] = {NULL, {"eval_acc", NULL}},
                      [LOG_QA] = {"em", {"em", "f1"}},
                      [LOG_CLASSIFY] = {"macro_f1", {"eval_acc", "macro_f1"}},
                      [LOG_ELECTRA] = {"discriminator_loss", {"eval_acc", NULL}}};

static int curve_put(struct curve *c, double x, double y)
{
    if (c->n == c->cap) {
        size_t cap = c->cap ? 2 * c->cap : 256;
        struct point *p = realloc(c->p, cap * sizeof *p);

        if (!p)
            return RF_ENOMEM;
        c->p = p;
        c->cap = cap;
    }
    c->p[c->n++] = (struct point){x, y};
    return RF_OK;
}

/* Cut the next field off *line. NULL behind the last one. */
static char *next_field(char **line)
{
    return strsep(line, "\t");
}

static int bad_line(const struct lines *l, struct errbuf *eb, const char *what,
                    const char *object)
{
    return err_set(eb, RF_EFORMAT, "%s '%s' in '%s', line %llu", what, object, lines_name(l),
                   (unsigned long long)lines_number(l));
}

/* Whether a header has this column. */
static bool has_column(const char *header, const char *name)
{
    size_t n = strlen(name);

    for (;;) {
        size_t len = strcspn(header, "\t");

        if (len == n && memcmp(header, name, n) == 0)
            return true;
        if (!header[len])
            return false;
        header += len + 1;
    }
}

/* Find out which columns are drawn. */
static void choose_columns(struct log *log, const char *header, const struct plot_cfg *cfg)
{
    memcpy(log->names, y_names[cfg->what], sizeof log->names);
    log->names[X] = x_names[cfg->by];
    log->task = LOG_TOKENS;
    for (int i = 0; i < LOG_TASKS; i++)
        if (tasks[i].column && has_column(header, tasks[i].column))
            log->task = (enum log_task)i;
    if (cfg->what == PLOT_SCORE) {
        log->names[TRAIN] = tasks[log->task].scores[0];
        log->names[EVAL] = tasks[log->task].scores[1];
    }
}

static int read_header(struct log *log, char *line, const struct plot_cfg *cfg,
                       const struct lines *l, struct errbuf *eb)
{
    const char **names = log->names;
    char *field;

    choose_columns(log, line, cfg);
    for (int c = 0; c < COLUMNS; c++)
        log->at[c] = SIZE_MAX;
    log->at_set = SIZE_MAX;
    for (log->fields = 0; (field = next_field(&line)); log->fields++) {
        if (strcmp(field, "set") == 0)
            log->at_set = log->fields;
        for (int c = 0; c < COLUMNS; c++)
            if (names[c] && strcmp(field, names[c]) == 0)
                log->at[c] = log->fields;
    }
    for (int c = 0; c < COLUMNS; c++)
        if (names[c] && log->at[c] == SIZE_MAX)
            return bad_line(l, eb, "no column", names[c]);
    return RF_OK;
}

/* True if a row of this set is drawn. */
static bool is_first_set(struct log *log, const char *name)
{
    if (strcmp(name, "-") == 0)
        return true;
    if (!*log->set)
        snprintf(log->set, sizeof log->set, "%s", name);
    return strncmp(log->set, name, sizeof log->set - 1) == 0;
}

/* Read a number. It must be at least 0 and small enough for gnuplot to make marks. */
static int read_number(double *to, const char *field, int c, const struct log *log,
                       const struct plot_cfg *cfg, const struct lines *l, struct errbuf *eb)
{
    double x, max = c == X ? 1e18 : cfg->what == PLOT_PERPLEXITY ? 200 : 1e100;
    char why[64] = "not a number";

    if (opt_parse_real(&x, field) == RF_OK) {
        *to = x;
        if (x >= 0 && x <= max)
            return RF_OK;
        snprintf(why, sizeof why, "must be 0 to %g", max);
    }
    return err_set(eb, RF_EFORMAT, "bad value '%s' for '%s' in '%s', line %llu: %s", field,
                   log->names[c], lines_name(l), (unsigned long long)lines_number(l), why);
}

/* Read the fields of a row. value[c] is NAN if there is none. */
static int read_fields(struct log *log, double value[COLUMNS], char *line,
                       const struct plot_cfg *cfg, const struct lines *l, struct errbuf *eb)
{
    bool other = false;
    char *field;
    int rc = RF_OK;
    size_t i;

    for (i = 0; (field = next_field(&line)); i++) {
        other = other || (i == log->at_set && !is_first_set(log, field));
        for (int c = 0; c < COLUMNS && rc == RF_OK; c++)
            if (log->at[c] == i && strcmp(field, "-") != 0)
                rc = read_number(&value[c], field, c, log, cfg, l, eb);
        if (rc != RF_OK)
            return rc;
    }
    if (other)
        value[TRAIN] = value[EVAL] = value[BASELINE] = (double)NAN;
    if (i != log->fields)
        return err_set(eb, RF_EFORMAT, "%zu %s, not %zu in '%s', line %llu", i,
                       plural(i, "field", "fields"), log->fields, lines_name(l),
                       (unsigned long long)lines_number(l));
    return RF_OK;
}

static int read_row(struct log *log, char *line, const struct plot_cfg *cfg,
                    const struct lines *l, struct errbuf *eb)
{
    double v[COLUMNS];
    int rc;

    for (int c = 0; c < COLUMNS; c++)
        v[c] = (double)NAN;
    if ((rc = read_fields(log, v, line, cfg, l, eb)) != RF_OK)
        return rc;
    if (log->names[NATS]) /* the row tells both units of the same loss */
        v[BASELINE] = v[NATS] > 0 ? v[BASELINE] / v[NATS] * v[EVAL] : (double)NAN;
    if (isnan(v[X]))
        return bad_line(l, eb, "no value of", x_names[cfg->by]);
    if ((!isnan(v[TRAIN]) && curve_put(&log->train, v[X], v[TRAIN]) != RF_OK) ||
        (!isnan(v[EVAL]) && curve_put(&log->eval, v[X], v[EVAL]) != RF_OK))
        return err_nomem(eb);
    if (!isnan(v[BASELINE]))
        log->baseline = v[BASELINE];
    return RF_OK;
}

static int read_lines(struct log *log, struct lines *l, const struct plot_cfg *cfg,
                      struct errbuf *eb)
{
    const char *text;
    size_t len;
    int rc;

    while ((rc = lines_next(l, &text, &len, eb)) == 1) {
        char *line = strndup(text, len);

        if (!line)
            return err_nomem(eb);
        rc = lines_number(l) == 1 ? read_header(log, line, cfg, l, eb)
                                  : read_row(log, line, cfg, l, eb);
        free(line);
        if (rc != RF_OK)
            return rc;
    }
    if (rc == RF_OK && !log->train.n && !log->eval.n)
        return err_set(eb, RF_EFORMAT, "nothing to draw in '%s': no value of %s", log->name,
                       log->names[log->names[TRAIN] ? TRAIN : EVAL]);
    return rc;
}

int log_read(struct log *log, char *name, const struct plot_cfg *cfg, struct errbuf *eb)
{
    static const struct text_cfg plain = {0};
    struct lines *l = NULL;
    int rc = lines_open(&l, &name, 1, &plain, eb);

    log->name = strcmp(name, "-") == 0 ? "standard input" : name;
    log->baseline = (double)NAN;
    choose_columns(log, "", cfg); /* an empty log says what it lacks, too */
    if (rc == RF_OK)
        rc = read_lines(log, l, cfg, eb);
    lines_close(l);
    return rc;
}

void log_free(struct log *log)
{
    free(log->train.p);
    free(log->eval.p);
}
