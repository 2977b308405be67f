#include "plot/plot.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/words.h"
#include "plot/plot_axis.h"
#include "plot/plot_log.h"

const char *const plot_what_names[] = {"loss",    "perplexity", "bits",  "lr",
                                       "electra", "replaced",   "score", NULL};
const char *const plot_by_names[] = {"step", "tokens", "seconds", "epoch", NULL};

/* --- the script */

/* The palette of Okabe and Ito, whose colours can be told apart with any kind of
 * colour vision. */
static const char *const colours[] = {"0072B2", "D55E00", "009E73", "CC79A7",
                                      "E69F00", "56B4E9", "000000"};
enum { COLOURS = sizeof colours / sizeof *colours };
static const char grey[] = "808080";

/* Dashes and gaps of the runs that come after as many as there are colours, and so on. */
static const char *const dashes[] = {"",           " dt (9,4)",
                                     " dt (3,3)",  " dt (14,3,3,3)",
                                     " dt (20,6)", " dt (14,3,3,3,3,3)",
                                     " dt (6,2)",  " dt (20,3,8,3)",
                                     " dt (1,3)",  " dt (20,3,2,3,2,3,2,3)"};
enum { DASHES = sizeof dashes / sizeof *dashes };
_Static_assert(COLOURS *DASHES >= PLOT_LOGS_MAX, "no two runs look alike");

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
             {PLOT_SECONDS, 4 * 3600, 3600, "time of training (h)"},
             {PLOT_EPOCH, 0, 1, "epoch"}};

/* Those of the loss and of scores depend on the task. */
static const char *const y_labels[] = {[PLOT_PERPLEXITY] = "perplexity",
                                       [PLOT_BITS] = "bits per byte",
                                       [PLOT_LR] = "learning rate",
                                       [PLOT_ELECTRA] =
                                           "loss (nats): generator left, discriminator right",
                                       [PLOT_REPLACED] = "share of tokens"};
static const char *const loss_labels[] = {[LOG_TOKENS] = "loss (nats per token)",
                                          [LOG_QA] = "loss (nats per edge of an answer)",
                                          [LOG_CLASSIFY] = "loss (nats per example)",
                                          [LOG_ELECTRA] = "loss (nats, weighted sum)",
                                          [LOG_TASKS] = "loss (nats)"};
static const char *const score_labels[] = {[LOG_TOKENS] = "accuracy",
                                           [LOG_QA] = "exact match and F1",
                                           [LOG_CLASSIFY] = "accuracy and macro F1",
                                           [LOG_ELECTRA] = "accuracy of the discriminator",
                                           [LOG_TASKS] = "score"};

/* What the two curves of a run are called. */
static const char *const curve_names[][2] = {[PLOT_LOSS] = {"training", "evaluation"},
                                             [PLOT_PERPLEXITY] = {"training", "evaluation"},
                                             [PLOT_BITS] = {"training", "evaluation"},
                                             [PLOT_LR] = {"", ""},
                                             [PLOT_ELECTRA] = {"generator", "discriminator"},
                                             [PLOT_REPLACED] = {"precision", "recall"}};
static const char *const score_names[][2] = {[LOG_TOKENS] = {"accuracy", ""},
                                             [LOG_QA] = {"exact match", "F1"},
                                             [LOG_CLASSIFY] = {"accuracy", "macro F1"},
                                             [LOG_ELECTRA] = {"accuracy", ""},
                                             [LOG_TASKS] = {"", "F1"}};

/* A picture while its script is being written. */
struct picture {
    struct buf *to;
    const struct plot_cfg *cfg;
    struct log *logs;
    int n;
    enum log_task task; /* of all logs */
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
    return p->cfg->what >= PLOT_LR ? 0 : c->n / 80;
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

/* True if the baseline was not drawn yet. One that several runs share, but for the rounding of
 * the logs, is drawn once. */
static bool is_new_baseline(const struct log *logs, int i)
{
    if (isnan(logs[i].baseline))
        return false;
    for (int k = 0; k < i; k++)
        if (fabs(logs[k].baseline - logs[i].baseline) <= 1e-4 * logs[i].baseline)
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

/* True if a character can stand in any gnuplot string as it is. */
static bool needs_no_escape(uint32_t cp)
{
    static const char marks[] = " ._-/+=,:;()~^*!?'";

    return cp >= 0xA0 || (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') ||
           (cp >= 'a' && cp <= 'z') || (cp < 0x80 && cp && strchr(marks, (int)cp));
}

/* True if byte i of a name makes with those before it what gnuplot hands on to SVG as it is:
 * the end of a CDATA section, which may not stand in a text, or a character's number. */
static bool is_markup(const char *s, size_t i)
{
    return (s[i] == '>' && i >= 2 && memcmp(s + i - 2, "]]", 2) == 0) ||
           (s[i] == '#' && i >= 1 && s[i - 1] == '&');
}

/* Write a part of a string for gnuplot in double quotes. What means something to it is said by
 * its number, of which any digit behind it would be a part: there the string is cut in two.
 * Bytes that are not UTF-8, controls and characters that XML does not allow become question
 * marks; an invisible character parts what would be markup. */
static void put_part(struct picture *p, const char *s, size_t from, size_t to)
{
    static const char word_joiner[] = "\xE2\x81\xA0";

    for (size_t i = from, len; i < to; i += len ? len : 1) {
        uint32_t cp;

        len = utf8_decode(&cp, s + i, to - i);
        if (!len || cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0xFFFE || cp == 0xFFFF)
            put_text(p, "?");
        else if (needs_no_escape(cp))
            put_text(p, "%.*s", (int)len, s + i);
        else
            put_text(p, "%s\\%03o\" . \"", is_markup(s, i) ? word_joiner : "", (unsigned)cp);
    }
}

/* The length of the character at s[0], and its width: 2 for those of East Asia, else 1. */
static size_t next_character(const char *s, size_t n, size_t *width)
{
    uint32_t cp = 0;
    size_t len = utf8_decode(&cp, s, n);

    *width = len && cp >= 0x1100 && cp < 0x20000 ? 2 : 1;
    return len ? len : 1;
}

static size_t width_of(const char *s, size_t n)
{
    size_t sum = 0, width;

    for (size_t i = 0; i < n; sum += width)
        i += next_character(s + i, n - i, &width);
    return sum;
}

/* Write a name as a string for gnuplot; of one that is wider than `most` the middle is left
 * out. */
static void put_name(struct picture *p, const char *s, size_t n, size_t most)
{
    size_t rest = width_of(s, n), head = 0, tail, width;

    put_text(p, "\"");
    if (rest <= most) {
        put_part(p, s, 0, n);
    } else {
        for (size_t had = 0; had < most / 2; had += width, rest -= width)
            head += next_character(s + head, n - head, &width);
        for (tail = head; rest > most - most / 2; rest -= width)
            tail += next_character(s + tail, n - tail, &width);
        put_part(p, s, 0, head);
        put_text(p, "\xE2\x80\xA6"); /* an ellipsis */
        put_part(p, s, tail, n);
    }
    put_text(p, "\"");
}

/* --- what depends on the task */

static enum log_task task_of_all(const struct log *logs, int n)
{
    for (int i = 1; i < n; i++)
        if (logs[i].task != logs[0].task)
            return LOG_TASKS;
    return logs[0].task;
}

static const char *y_label(const struct picture *p)
{
    return p->cfg->what == PLOT_LOSS    ? loss_labels[p->task]
           : p->cfg->what == PLOT_SCORE ? score_labels[p->task]
                                        : y_labels[p->cfg->what];
}

static const char *curve_name(const struct picture *p, int curve)
{
    return p->cfg->what == PLOT_SCORE ? score_names[p->task][curve]
                                      : curve_names[p->cfg->what][curve];
}

/* --- the legend */

struct key {
    bool above; /* the picture, in one row; else at its right */
    int font;
    double spacing;
    size_t most; /* width of a name, in letters */
};

/* The legend stands above the picture if it fits there. At its right there is room for 14 rows
 * of the usual size, or for columns of 26 small ones; names are cut so that half of the
 * picture's width is left for the curves. */
static struct key key_of(const struct picture *p)
{
    enum { ROWS = 14, SMALL_ROWS = 26, PIXELS = 450, SAMPLE = 60 };
    size_t rows = (size_t)p->n + 2, longest = strlen("unigram model"), len;
    size_t columns = (rows + SMALL_ROWS - 1) / SMALL_ROWS;

    for (int i = 0; i < p->n && p->n > 1; i++) {
        const char *name = legend_of(p, i, &len);

        if (width_of(name, len) > longest)
            longest = width_of(name, len);
    }
    if (rows * (longest * 8 + SAMPLE) < 640)
        return (struct key){.above = true, .font = 14, .spacing = 1, .most = longest};
    if (rows <= ROWS)
        return (struct key){.font = 14, .spacing = 1.3, .most = (PIXELS - SAMPLE) / 8};
    return (struct key){.font = 9, .spacing = 1.1, .most = (PIXELS / columns - SAMPLE) / 6};
}

static void put_key(struct picture *p)
{
    struct key key = key_of(p);

    put_text(p, "set key reverse Left samplen %d textcolor '#222222' font ',%d' spacing %g ",
             p->n > COLOURS ? 4 : 2, key.font, key.spacing);
    if (key.above)
        put_text(p,
                 "at graph 1, screen 0.945 right center horizontal\n"
                 "set rmargin at screen %s\n",
                 p->cfg->what == PLOT_ELECTRA ? "0.93" : "0.97");
    else
        put_text(p, "outside right top vertical\n");
}

/* --- curves */

static void put_sep(struct picture *p)
{
    put_text(p, "%s", p->drawn++ ? ", \\\n     " : "plot ");
}

/* Write what a curve is called in the legend: `alone` if there is but one run. */
static void put_title(struct picture *p, int i, const char *alone)
{
    size_t len;
    const char *name = legend_of(p, i, &len);

    if (p->n > 1)
        put_name(p, name, len, key_of(p).most);
    else
        put_text(p, "'%s'", alone);
}

/* Draw the curve of training. A curve of many points is pale, with its smoothed one over it. */
static void plot_train(struct picture *p, int i)
{
    const char *colour = colours[i % COLOURS], *dash = dashes[i / COLOURS % DASHES];
    const struct log *log = &p->logs[i];
    bool is_smooth = smoothing(p, &log->train) > 0;

    if (!log->train.n)
        return;
    if (is_smooth) {
        put_sep(p);
        put_text(p, "$train%d with lines lw 1 lc '#A0%s' notitle", i, colour);
    }
    put_sep(p);
    put_text(p, "$%s%d with lines lw 2.2 lc '#%s'%s title ", is_smooth ? "smooth" : "train", i,
             colour, dash);
    put_title(p, i, curve_name(p, 0));
}

static void plot_eval(struct picture *p, int i)
{
    int style = p->n > 1 ? i : 1; /* of one run another colour than training */

    if (!p->logs[i].eval.n)
        return;
    put_sep(p);
    put_text(p, "$eval%d %swith linespoints lw 1.6 pt 7 ps 0.6 lc '#%s'%s title ", i,
             p->cfg->what == PLOT_ELECTRA ? "axes x1y2 " : "", colours[style % COLOURS],
             dashes[style / COLOURS % DASHES]);
    if (p->n > 1 && p->logs[i].train.n) /* whose curve has the run's name */
        put_text(p, "''");
    else
        put_title(p, i, curve_name(p, 1));
}

static void plot_all(struct picture *p)
{
    const char *title = "unigram model";
    bool has_both = false;

    for (int i = 0; i < p->n; i++)
        if (is_new_baseline(p->logs, i)) {
            put_sep(p);
            put_text(p, "$base%d with lines lw 1.6 dt (8,6) lc '#%s' title '%s'", i, grey,
                     title);
            title = "";
        }
    for (int i = 0; i < p->n; i++) {
        has_both = has_both || (p->logs[i].train.n && p->logs[i].eval.n);
        plot_train(p, i);
    }
    for (int i = 0; i < p->n; i++)
        plot_eval(p, i);
    if (p->n > 1 && has_both) { /* the dots of all runs share one entry */
        put_sep(p);
        put_text(p, "NaN with linespoints lw 1.6 pt 7 ps 0.6 lc '#%s' title '%s'", grey,
                 curve_name(p, 1));
    }
    put_text(p, "\n");
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

static void find_range(double *low, double *high, const struct curve *c)
{
    for (size_t i = 0; i < c->n; i++) {
        *low = fmin(*low, c->p[i].y);
        *high = fmax(*high, c->p[i].y);
    }
}

/* Give the curves of training and evaluation an axis each. */
static void put_two_axes(struct picture *p)
{
    static const char *const names[] = {"y", "y2"};
    double low[2] = {HUGE_VAL, HUGE_VAL}, high[2] = {-HUGE_VAL, -HUGE_VAL};
    struct axis axes[2];
    int parts;

    for (int i = 0; i < p->n; i++) {
        find_range(&low[0], &high[0], &p->logs[i].train);
        find_range(&low[1], &high[1], &p->logs[i].eval);
    }
    parts = two_axes(axes, low, high);
    for (int i = 0; i < 2; i++)
        put_text(p, "set %stics %.9g scale 0 textcolor '#444444'\nset %srange [%.9g:%.9g]\n",
                 names[i], axes[i].step, names[i], axes[i].from,
                 axes[i].from + parts * axes[i].step);
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
             y_label(p));
    put_key(p);
    if (p->cfg->what == PLOT_PERPLEXITY)
        put_log_axis(p);
    if (p->cfg->what == PLOT_ELECTRA)
        put_two_axes(p);
    if (p->cfg->what == PLOT_REPLACED || p->cfg->what == PLOT_SCORE)
        put_text(p, "set yrange [0:1]\n");
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
    p->task = task_of_all(p->logs, p->n);
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
        rc = log_read(&p.logs[i], names[i], cfg, eb);
    if (rc == RF_OK && put_script(&p) != RF_OK)
        rc = err_nomem(eb);
    for (int i = 0; i < n; i++)
        log_free(&p.logs[i]);
    free(p.logs);
    return rc;
}
