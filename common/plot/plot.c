#include "plot/plot.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/opt.h"
#include "base/utf8.h"
#include "base/words.h"

const char *const plot_what_names[] = {"loss", "perplexity", "lr", NULL};
const char *const plot_by_names[] = {"step", "tokens", "seconds", NULL};

/* --- reading a log */

/* The columns that a picture needs, and their names in the log. */
enum column { X, TRAIN, EVAL, BASELINE, COLUMNS };
static const char *const x_names[] = {"step", "tokens", "seconds"};
static const char *const y_names[][COLUMNS] = {
    [PLOT_LOSS] = {NULL, "loss", "eval_loss", "unigram_loss"},
    [PLOT_PERPLEXITY] = {NULL, "loss", "eval_loss", "unigram_loss"}, /* drawn as exponentials */
    [PLOT_LR] = {NULL, "lr", NULL, NULL}};

struct point {
    double x, y;
};

struct curve {
    struct point *p;
    size_t n, cap;
};

struct log {
    const char *name;
    struct curve train, eval;
    double baseline;            /* the last one in the log; NAN: there is none */
    char set[64];               /* the first evaluation set; only this one is drawn */
    size_t fields, at[COLUMNS]; /* number of columns; where ours are, SIZE_MAX: not read */
    size_t at_set;              /* the column with the set's name; SIZE_MAX: there is none */
    const char *names[COLUMNS];
};

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

static int read_header(struct log *log, char *line, const struct plot_cfg *cfg,
                       const struct lines *l, struct errbuf *eb)
{
    const char **names = log->names;
    char *field;

    memcpy(names, y_names[cfg->what], sizeof log->names);
    names[X] = x_names[cfg->by];
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
        value[EVAL] = value[BASELINE] = (double)NAN;
    if (i != log->fields)
        return err_set(eb, RF_EFORMAT, "%zu %s, not %zu in '%s', line %llu", i,
                       plural(i, "field", "fields"), log->fields, lines_name(l),
                       (unsigned long long)lines_number(l));
    return RF_OK;
}

static int read_row(struct log *log, char *line, const struct plot_cfg *cfg,
                    const struct lines *l, struct errbuf *eb)
{
    double v[COLUMNS] = {(double)NAN, (double)NAN, (double)NAN, (double)NAN};
    int rc = read_fields(log, v, line, cfg, l, eb);

    if (rc != RF_OK)
        return rc;
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
                       y_names[cfg->what][TRAIN]);
    return rc;
}

static int read_log(struct log *log, char *name, const struct plot_cfg *cfg, struct errbuf *eb)
{
    static const struct text_cfg plain = {0};
    struct lines *l = NULL;
    int rc = lines_open(&l, &name, 1, &plain, eb);

    log->name = strcmp(name, "-") == 0 ? "standard input" : name;
    log->baseline = (double)NAN;
    if (rc == RF_OK)
        rc = read_lines(log, l, cfg, eb);
    lines_close(l);
    return rc;
}

/* --- the script */

/* The palette of Okabe and Ito, whose colours can be told apart with any kind of
 * colour vision. */
static const char *const colours[] = {"0072B2", "D55E00", "009E73", "CC79A7",
                                      "E69F00", "56B4E9", "000000"};
enum { COLOURS = sizeof colours / sizeof *colours };
static const char grey[] = "808080";

/* Axes are scaled so that their numbers stay short. The last row whose `from` is
 * reached counts. */
static const struct unit {
    enum plot_by by;
    double from, divisor;
    const char *label;
} units[] = {{PLOT_STEP, 0, 1, "step"},
             {PLOT_STEP, 2e5, 1e3, "step (thousands)"},
             {PLOT_TOKENS, 0, 1, "tokens"},
             {PLOT_TOKENS, 2e4, 1e3, "tokens (thousands)"},
             {PLOT_TOKENS, 2e6, 1e6, "tokens (millions)"},
             {PLOT_TOKENS, 2e9, 1e9, "tokens (billions)"},
             {PLOT_SECONDS, 0, 1, "time of training (s)"},
             {PLOT_SECONDS, 600, 60, "time of training (min)"},
             {PLOT_SECONDS, 4 * 3600, 3600, "time of training (h)"}};

static const char *const y_labels[] = {[PLOT_LOSS] = "loss (nats per token)",
                                       [PLOT_PERPLEXITY] = "perplexity",
                                       [PLOT_LR] = "learning rate"};

/* A picture while its script is being written. */
struct picture {
    struct buf *to;
    const struct plot_cfg *cfg;
    struct log *logs;
    int n;
    double x_max;
    const struct unit *unit;
    int drawn; /* how many curves the plot command has so far */
    int rc;    /* the first failure; afterwards put_text() does nothing */
};

static void put_text(struct picture *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void put_text(struct picture *p, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (p->rc == RF_OK)
        p->rc = buf_printf(p->to, "%s", text);
}

/* Leave at most PLOT_POINTS_MAX points. Each is the mean of equally many points. */
static void thin(struct curve *c)
{
    size_t each = (c->n + PLOT_POINTS_MAX - 1) / PLOT_POINTS_MAX, made = 0;

    for (size_t k = 0; k < c->n; k += each) {
        size_t n = c->n - k < each ? c->n - k : each;
        struct point mean = {0, 0};

        for (size_t j = k; j < k + n; j++) {
            mean.x += c->p[j].x / (double)n;
            mean.y += c->p[j].y / (double)n;
        }
        c->p[made++] = mean;
    }
    c->n = made;
}

/* Returns how many neighbours on each side are averaged for a point of a smoothed curve; 0: the
 * curve is not smoothed. */
static size_t smoothing(const struct picture *p, const struct curve *c)
{
    return p->cfg->what == PLOT_LR ? 0 : c->n / 80;
}

/* Returns the mean of a point and its neighbours. Near the ends there are fewer of them, but
 * equally many on both sides, so that a steep curve is not shifted. */
static double smooth_y(const struct curve *c, size_t i, size_t reach)
{
    double sum = 0;

    if (reach > i)
        reach = i;
    if (reach > c->n - 1 - i)
        reach = c->n - 1 - i;
    for (size_t k = i - reach; k <= i + reach; k++)
        sum += c->p[k].y;
    return sum / (double)(2 * reach + 1);
}

static double shown_y(const struct picture *p, double y)
{
    return p->cfg->what == PLOT_PERPLEXITY ? exp(y) : y;
}

static void put_curve(struct picture *p, const char *kind, int i, const struct curve *c,
                      size_t reach)
{
    put_text(p, "$%s%d << EOD\n", kind, i);
    for (size_t k = 0; k < c->n; k++)
        put_text(p, "%.9g %.9g\n", c->p[k].x / p->unit->divisor,
                 shown_y(p, smooth_y(c, k, reach)));
    put_text(p, "EOD\n");
}

/* True if the baseline was not drawn yet. A baseline that several runs share is drawn once. */
static bool is_new_baseline(const struct log *logs, int i)
{
    if (isnan(logs[i].baseline))
        return false;
    for (int k = 0; k < i; k++)
        if (fabs(logs[k].baseline - logs[i].baseline) < 1e-6)
            return false;
    return true;
}

static void put_data(struct picture *p)
{
    for (int i = 0; i < p->n; i++) {
        struct log *log = &p->logs[i];
        size_t reach = smoothing(p, &log->train);

        put_curve(p, "train", i, &log->train, 0);
        if (reach)
            put_curve(p, "smooth", i, &log->train, reach);
        put_curve(p, "eval", i, &log->eval, 0);
        if (is_new_baseline(p->logs, i))
            put_text(p, "$base%d << EOD\n0 %.9g\n%.9g %.9g\nEOD\n", i,
                     shown_y(p, log->baseline), p->x_max / p->unit->divisor,
                     shown_y(p, log->baseline));
    }
}

/* Returns the name of a run in the legend: its log's folder, or the log itself. */
static const char *title_of(const struct log *log, size_t *len)
{
    const char *end = strrchr(log->name, '/'), *start = end;

    if (!end || end == log->name) {
        *len = strlen(log->name);
        return log->name;
    }
    while (start > log->name && start[-1] != '/')
        start--;
    *len = (size_t)(end - start);
    return start;
}

static bool is_shared_title(const struct picture *p, int i)
{
    size_t len, other_len;
    const char *title = title_of(&p->logs[i], &len);

    for (int k = 0; k < p->n; k++) {
        const char *other = title_of(&p->logs[k], &other_len);

        if (k != i && len == other_len && memcmp(title, other, len) == 0)
            return true;
    }
    return false;
}

static const char *legend_of(const struct picture *p, int i, size_t *len)
{
    if (!is_shared_title(p, i))
        return title_of(&p->logs[i], len);
    *len = strlen(p->logs[i].name);
    return p->logs[i].name;
}

/* Write a string for gnuplot. In its single quotes only ' is special, and a line cannot end.
 * Bytes that are not UTF-8 and characters that XML does not allow become question marks. */
static void put_quoted(struct picture *p, const char *s, size_t n)
{
    put_text(p, "'");
    for (size_t i = 0, len; i < n; i += len ? len : 1) {
        uint32_t cp;

        len = utf8_decode(&cp, s + i, n - i);
        if (!len || cp < 0x20 || cp == 0xFFFE || cp == 0xFFFF)
            put_text(p, "?");
        else
            put_text(p, "%s%.*s", cp == '\'' ? "'" : "", (int)len, s + i);
    }
    put_text(p, "'");
}

static void put_sep(struct picture *p)
{
    put_text(p, "%s", p->drawn++ ? ", \\\n     " : "plot ");
}

/* Draw the curve of training. A curve of many points is pale, with its smoothed one over it. */
static void plot_train(struct picture *p, int i, const char *colour)
{
    const struct log *log = &p->logs[i];
    bool is_smooth = smoothing(p, &log->train) > 0;
    size_t len;

    if (!log->train.n)
        return;
    if (is_smooth) {
        put_sep(p);
        put_text(p, "$train%d with lines lw 1 lc '#A0%s' notitle", i, colour);
    }
    put_sep(p);
    put_text(p, "$%s%d with lines lw 2.2 lc '#%s' title ", is_smooth ? "smooth" : "train", i,
             colour);
    if (p->n > 1) {
        const char *title = legend_of(p, i, &len);

        put_quoted(p, title, len);
    } else {
        put_text(p, p->cfg->what == PLOT_LR ? "''" : "'training'");
    }
}

static void plot_eval(struct picture *p, int i, const char *colour, const char *title)
{
    if (!p->logs[i].eval.n)
        return;
    put_sep(p);
    put_text(p, "$eval%d with linespoints lw 1.6 pt 7 ps 0.6 lc '#%s' title '%s'", i, colour,
             title);
}

static void plot_all(struct picture *p)
{
    const char *title = "unigram model";
    bool has_eval = false;

    for (int i = 0; i < p->n; i++)
        if (is_new_baseline(p->logs, i)) {
            put_sep(p);
            put_text(p, "$base%d with lines lw 1.6 dt (8,6) lc '#%s' title '%s'", i, grey,
                     title);
            title = "";
        }
    for (int i = 0; i < p->n; i++) {
        has_eval = has_eval || p->logs[i].eval.n;
        plot_train(p, i, colours[i % COLOURS]);
    }
    for (int i = 0; i < p->n; i++)
        plot_eval(p, i, colours[(p->n > 1 ? i : 1) % COLOURS], p->n > 1 ? "" : "evaluation");
    if (p->n > 1 && has_eval) { /* the dots of all runs share one entry */
        put_sep(p);
        put_text(p, "NaN with linespoints lw 1.6 pt 7 ps 0.6 lc '#%s' title 'evaluation'",
                 grey);
    }
    put_text(p, "\n");
}

/* Place the legend above the picture if it fits there, else at its right. */
static void put_key(struct picture *p)
{
    size_t longest = strlen("unigram model"), len;

    for (int i = 0; i < p->n && p->n > 1; i++)
        if (legend_of(p, i, &len) && len > longest)
            longest = len;
    put_text(p, "set key reverse Left samplen 2 textcolor '#222222' ");
    if ((p->n + 2) * (longest * 8 + 60) < 640) /* in pixels */
        put_text(p, "at graph 1, screen 0.945 right center horizontal\n"
                    "set rmargin at screen 0.97\n");
    else
        put_text(p, "outside right top vertical spacing 1.3\n");
}

/* Put marks at 1, 2 and 5 times the powers of ten; gnuplot's own marks are only
 * at the powers. */
static void put_log_axis(struct picture *p)
{
    static const int steps[] = {1, 2, 5};
    const char *sep = "set logscale y\nset ytics (";

    for (int power = 0; power < 9; power++)
        for (int k = 0; k < 3; k++, sep = ", ")
            put_text(p, "%s%.0f", sep, steps[k] * pow(10, power));
    put_text(p, ")\nset autoscale y noextend\nset offsets 0, 0, graph 0.03, graph 0.03\n");
}

static void put_look(struct picture *p)
{
    static const char *const terminals[] = {
        [PLOT_SVG] = "svg size 900,540 background '#FFFFFF' font 'sans-serif,14'",
        [PLOT_PNG] = "pngcairo size 1800,1080 background '#FFFFFF' font 'sans-serif,14' "
                     "fontscale 1.5 linewidth 2 pointscale 2"};

    put_text(p, "set terminal %s noenhanced\nset encoding utf8\n", terminals[p->cfg->format]);
    put_text(p, "set border 1 lc '#%s'\n", grey);
    put_text(p, "set tics nomirror scale 0 textcolor '#444444'\n");
    put_text(p, "set grid x y lt 1 lw 0.7 lc '#E6E6E6'\n");
    put_text(p, "set tmargin at screen 0.88\n");
    put_text(p, "set xrange [0:%.9g]\n", p->x_max > 0 ? p->x_max / p->unit->divisor : 1);
    put_text(p, "set xlabel '%s' textcolor '#222222'\n", p->unit->label);
    put_text(p, "set label 1 '%s' at graph 0, screen 0.945 left textcolor '#222222'\n",
             y_labels[p->cfg->what]);
    put_key(p);
    if (p->cfg->what == PLOT_PERPLEXITY)
        put_log_axis(p);
}

static void widen(double *max, const struct curve *c)
{
    for (size_t i = 0; i < c->n; i++)
        *max = fmax(*max, c->p[i].x);
}

static int put_script(struct picture *p)
{
    for (int i = 0; i < p->n; i++) {
        widen(&p->x_max, &p->logs[i].train);
        widen(&p->x_max, &p->logs[i].eval);
        thin(&p->logs[i].train);
        thin(&p->logs[i].eval);
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].by == (enum plot_by)p->cfg->by && p->x_max >= units[i].from)
            p->unit = &units[i];
    put_look(p);
    put_data(p);
    plot_all(p);
    return p->rc;
}

int plot_script(struct buf *to, const struct plot_cfg *cfg, char *const *names, int n,
                struct errbuf *eb)
{
    struct picture p = {.to = to, .cfg = cfg, .n = n};
    int rc = RF_OK;

    if (!(p.logs = calloc((size_t)n, sizeof *p.logs)))
        return err_nomem(eb);
    for (int i = 0; i < n && rc == RF_OK; i++)
        rc = read_log(&p.logs[i], names[i], cfg, eb);
    if (rc == RF_OK && put_script(&p) != RF_OK)
        rc = err_nomem(eb);
    for (int i = 0; i < n; i++) {
        free(p.logs[i].train.p);
        free(p.logs[i].eval.p);
    }
    free(p.logs);
    return rc;
}
