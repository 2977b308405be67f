/* tool.c: what every main() shares. Besides tools/ and tests/ this is
 * the only place that prints. */
#include "base/tool.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/standard.h"
#include "base/tool_parts.h"

enum { MAX_ROWS = TOOL_MAX_ROWS, MAX_NAME = 48, CONFIG_MAX_BYTES = 1 << 20 };
/* Blocks of at least this size go back to the system when they are freed. Without this setting
 * glibc raises the threshold by itself, and then each thread keeps buffers as large as the
 * largest page it has met. */
enum { LARGE_BYTES = 4 << 20 };

/* The values that getopt_long() returns. ROW + i is row i of the table; its --no-
 * form is MAX_ROWS higher. */
enum {
    ROW = 1000,
    NEGATED = ROW + MAX_ROWS,
    VERSION = NEGATED + MAX_ROWS,
    DUMP,
    SET,
    COMPLETION
};

static int count_rows(const struct opt *rows)
{
    int n = 0;

    while (rows[n].type != OPT_TYPE_END)
        n++;
    return n;
}

static void usage_error(struct tool_run *run, const char *text)
{
    progress_make_room();
    fprintf(stderr, "%s: %s\nTry '%s --help'.\n", run->tool->name, text, run->tool->name);
    run->status = EXIT_USAGE;
}

struct getopt_tables {
    char letters[3 * MAX_ROWS + 8];
    struct option longs[3 * MAX_ROWS];
    char negated[MAX_ROWS][MAX_NAME]; /* "no-NAME" */
    int n;
};

static void add_long(struct getopt_tables *g, const char *name, int has_arg, int value)
{
    g->longs[g->n++] = (struct option){name, has_arg, NULL, value};
}

static void add_rows(struct getopt_tables *g, const struct opt *rows, int first)
{
    for (int i = 0; rows[i].type != OPT_TYPE_END; i++) {
        const struct opt *o = &rows[i];
        int has_arg = o->type == OPT_TYPE_FLAG ? no_argument : required_argument;
        size_t at = strlen(g->letters);

        add_long(g, o->name, has_arg, first + i);
        if (o->letter)
            snprintf(g->letters + at, sizeof g->letters - at, "%c%s", o->letter,
                     has_arg ? ":" : "");
        if (has_arg)
            continue;
        snprintf(g->negated[i], MAX_NAME, "no-%s", o->name);
        add_long(g, g->negated[i], no_argument, first + MAX_ROWS + i);
    }
}

static void make_tables(struct getopt_tables *g, const struct tool *tool)
{
    *g = (struct getopt_tables){.letters = ":hqv"};
    assert(count_rows(tool->opts) <= MAX_ROWS);
    add_rows(g, tool->opts, ROW);
    add_long(g, "help", no_argument, 'h');
    add_long(g, "version", no_argument, VERSION);
    add_long(g, "quiet", no_argument, 'q');
    add_long(g, "verbose", no_argument, 'v');
    add_long(g, "completion", required_argument, COMPLETION);
    if (tool->flags & TOOL_CONFIG) {
        strncat(g->letters, "c:", 3);
        add_long(g, "config", required_argument, 'c');
        add_long(g, "set", required_argument, SET);
        add_long(g, "dump-config", no_argument, DUMP);
    }
}

static const struct opt *row_of_letter(const struct opt *rows, int letter)
{
    for (const struct opt *o = rows; o->type != OPT_TYPE_END; o++)
        if (o->letter && o->letter == letter)
            return o;
    return NULL;
}

/* Set an option of the tool's own. */
static int take_own(struct tool_run *run, void *cfg, int got)
{
    const struct opt *o;
    const char *text = optarg;

    if (got >= NEGATED) {
        o = &run->tool->opts[got - NEGATED];
        text = "false";
    } else {
        o = got >= ROW ? &run->tool->opts[got - ROW] : row_of_letter(run->tool->opts, got);
        if (o && o->type == OPT_TYPE_FLAG)
            text = "true";
    }
    if (!o) /* a letter of the common rows, which the caller takes */
        return RF_OK;
    run->given[o - run->tool->opts] = true;
    return opt_set(o, cfg, text, &run->strings, &run->eb);
}

bool tool_given(const struct tool_run *run, const char *name)
{
    return run->given[opt_find(run->tool->opts, name) - run->tool->opts];
}

/* Refuse a long option, word[len], that is none or the start of several. */
static int bad_name(struct tool_run *run, const char *word, int len,
                    const struct getopt_tables *g)
{
    char typed[MAX_NAME], hint[NEAREST_HINT_BYTES], several[160] = "";
    struct nearest near = {.typed = typed};
    int starts = 0;

    snprintf(typed, sizeof typed, "%.*s", len - 2, word + 2);
    for (int i = 0; i < g->n; i++) {
        const char *name = g->longs[i].name;
        size_t at = strlen(several);

        nearest_offer(&near, name);
        if (strncmp(name, typed, strlen(typed)) == 0 && starts++ < 4)
            snprintf(several + at, sizeof several - at, "%s --%s", at ? "," : "", name);
    }
    if (starts > 1)
        return err_set(&run->eb, RF_EUSAGE, "option '%.*s' is not clear:%s%s", len, word,
                       several, starts > 4 ? ", ..." : "");
    return err_set(&run->eb, RF_EUSAGE, "unknown option '%.*s'%s", len, word,
                   nearest_hint(hint, &near, "--"));
}

static int bad_option(struct tool_run *run, char **argv, int got, const struct getopt_tables *g)
{
    const char *word = optind > 0 ? argv[optind - 1] : "";

    if (got == ':')
        return err_set(&run->eb, RF_EUSAGE, "option '%s' needs a value", word);
    for (int i = 0; optopt >= ROW && i < g->n; i++)
        if (g->longs[i].val == optopt) /* the user wrote --flag=value */
            return err_set(&run->eb, RF_EUSAGE, "option '--%s' takes no value",
                           g->longs[i].name);
    if (optopt > 0 && optopt < 128)
        return err_set(&run->eb, RF_EUSAGE, "unknown option '-%c'", optopt);
    if (optopt) /* one byte of a longer character */
        return err_set(&run->eb, RF_EUSAGE, "unknown option: its letter is not ASCII");
    return bad_name(run, word, (int)strcspn(word, "="), g);
}

/* Take --set key=value: `key` is the name of a row. */
static int take_set(struct tool_run *run, void *cfg, const char *text)
{
    char name[MAX_NAME], hint[NEAREST_HINT_BYTES];
    const struct opt *o;
    size_t n;

    assert(text);
    n = strcspn(text, "=");
    if (!text[n])
        return err_set(&run->eb, RF_EUSAGE, "no value in '%s': --set takes key=value", text);
    snprintf(name, sizeof name, "%.*s", n < sizeof name ? (int)n : 0, text);
    o = opt_find(run->tool->opts, name);
    if (!o || (o->flags & OPT_ONCE))
        return err_set(&run->eb, RF_EUSAGE, "unknown key in '%s' of --set%s", text,
                       opt_hint(hint, run->tool->opts, name));
    return opt_set(o, cfg, text + n + 1, &run->strings, &run->eb);
}

static int read_config(struct tool_run *run, void *cfg, const char *name)
{
    struct buf text = {0};
    int rc = input_slurp(&text, name, INPUT_TEXT, CONFIG_MAX_BYTES, &run->eb);

    if (rc == RF_OK)
        rc = opt_read_yaml(run->tool->opts, cfg, text.data ? text.data : "", text.len, name,
                           &run->strings, &run->eb);
    buf_free(&text);
    return rc;
}

/* Walk over the command line. This is done twice: the first walk finds the common options and
 * checks the rest; the YAML file is read between the two, so that the command line wins. */
static int walk(struct tool_run *run, void *cfg, int argc, char **argv,
                struct common_cfg *common, const struct getopt_tables *g)
{
    int got, rc;

    optind = 0; /* glibc: start from the beginning */
    opterr = 0;
    while ((got = getopt_long(argc, argv, g->letters, g->longs, NULL)) != -1) {
        switch (got) {
        case 'h': common->help = true; break;
        case 'q': common->quiet = true; break;
        case 'v': common->verbose = true; break;
        case VERSION: common->version = true; break;
        case DUMP: common->dump = true; break;
        case COMPLETION: common->completion = optarg; break;
        case '?':
        case ':': return bad_option(run, argv, got, g);
        default:
            if (got == 'c' && (run->tool->flags & TOOL_CONFIG))
                common->config = optarg;
            else if (cfg && (rc = got == SET ? take_set(run, cfg, optarg)
                                             : take_own(run, cfg, got)) != RF_OK)
                return rc;
        }
    }
    return RF_OK;
}

/* The first operand may be the configuration file: `rf-train mlm.yaml`. */
static bool config_is_operand(const struct tool *tool, int argc, char **argv)
{
    static const char end[] = ".yaml";
    const char *name = optind < argc ? argv[optind] : "";
    size_t len = strlen(name);

    return (tool->flags & TOOL_CONFIG) && len >= sizeof end &&
           strcmp(name + len - (sizeof end - 1), end) == 0;
}

/* Store the operands in a row of the table, so that they are printed and
 * kept like an option's value. */
static int take_operands(struct tool_run *run, void *cfg)
{
    const struct opt *row = opt_find(run->tool->opts, run->tool->operands_row);
    struct buf words = {0};
    int rc = RF_OK;

    for (int i = 0; i < run->n_operands && rc == RF_OK; i++)
        if (buf_printf(&words, "%s%s", i ? " " : "", run->operands[i]) != RF_OK)
            rc = err_nomem(&run->eb);
    if (rc == RF_OK && run->n_operands)
        rc = opt_set(row, cfg, words.data, &run->strings, &run->eb);
    buf_free(&words);
    return rc;
}

/* No file has an empty name. Refused here, it does not fail after all work is done. In a table
 * that a YAML file may fill '' may mean "none": there the tool itself looks. */
static int check_names(struct tool_run *run, const void *cfg)
{
    for (const struct opt *o = run->tool->opts; o->type != OPT_TYPE_END; o++) {
        const char *const *name = (const void *)((const char *)cfg + o->offset);

        if (!(run->tool->flags & TOOL_CONFIG) && o->type == OPT_TYPE_FILE && *name && !**name)
            return err_set(&run->eb, RF_EUSAGE, "option '--%s' names no file: ''", o->name);
    }
    return RF_OK;
}

static int check_operands(struct tool_run *run)
{
    if (run->n_operands < run->tool->min_operands)
        return err_set(&run->eb, RF_EUSAGE, "missing operand: %s", run->tool->operands);
    if (run->n_operands > run->tool->max_operands)
        return err_set(&run->eb, RF_EUSAGE, "unexpected operand '%s'",
                       run->operands[run->tool->max_operands]);
    return RF_OK;
}

static int check_shell(struct tool_run *run, const char *shell)
{
    const struct opt row = {
        .type = OPT_TYPE_CHOICE, .name = "completion", .choices = tool_shells};
    int which;

    return opt_set(&row, &which, shell, NULL, &run->eb);
}

static int dump(struct tool_run *run, const void *cfg)
{
    struct buf yaml = {0};
    int rc = opt_check_text(run->tool->opts, cfg, true, &run->eb);

    if (rc == RF_OK && opt_write_yaml(run->tool->opts, cfg, &yaml) != RF_OK)
        rc = err_nomem(&run->eb);
    if (rc == RF_OK)
        fputs(yaml.data, stdout);
    buf_free(&yaml);
    return rc;
}

/* Do what needs no work (--help and the like). Returns true if that was asked for. */
static bool answer(struct tool_run *run, const struct common_cfg *common, const void *cfg)
{
    int rc = RF_OK;

    if (common->help) {
        tool_print_help(run->tool, cfg);
    } else if (common->version) {
        printf("%s (reformer-tools) %s\n", run->tool->name, RF_VERSION);
    } else if (common->completion) {
        tool_print_completion(run->tool, common->completion);
    } else if (common->dump) {
        rc = dump(run, cfg);
    } else {
        return false;
    }
    run->status = tool_finish(run, rc);
    return true;
}

bool tool_start(struct tool_run *run, const struct tool *tool, void *cfg, int argc, char **argv)
{
    struct common_cfg common = {0};
    struct getopt_tables g;
    int rc, taken = 0; /* number of operands taken */

    *run = (struct tool_run){.tool = tool, .started = now_s()};
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    make_tables(&g, tool);
    rc = standard_fill(&run->eb);
    if (rc == RF_OK)
        rc = walk(run, NULL, argc, argv, &common, &g);
    if (rc == RF_OK && common.completion)
        rc = check_shell(run, common.completion);
    if (rc == RF_OK && !common.config && (taken = config_is_operand(tool, argc, argv)))
        common.config = argv[optind];
    if (rc == RF_OK && common.config && !common.help)
        rc = read_config(run, cfg, common.config);
    if (rc == RF_OK && !common.help)
        rc = walk(run, cfg, argc, argv, &common, &g);
    run->operands = argv + optind + taken;
    run->n_operands = argc - optind - taken;
    run->quiet = common.quiet;
    run->verbose = common.verbose;
    if (rc == RF_OK && tool->operands_row && !common.help)
        rc = take_operands(run, cfg);
    if (rc == RF_OK && answer(run, &common, cfg))
        return false;
    if (rc == RF_OK)
        rc = check_operands(run);
    if (rc == RF_OK)
        rc = opt_check_text(tool->opts, cfg, false, &run->eb);
    if (rc == RF_OK)
        rc = check_names(run, cfg);
    if (rc == RF_EUSAGE)
        usage_error(run, run->eb.text);
    else if (rc != RF_OK)
        run->status = tool_finish(run, rc);
    if (rc != RF_OK)
        opt_strings_free(&run->strings);
    return rc == RF_OK;
}

PRINTF_LIKE(2, 0) static void say(const struct tool_run *run, const char *fmt, va_list ap)
{
    progress_make_room();
    fprintf(stderr, "%s: ", run->tool->name);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
}

void tool_note(const struct tool_run *run, const char *fmt, ...)
{
    va_list ap;

    if (run->quiet)
        return;
    va_start(ap, fmt);
    say(run, fmt, ap);
    va_end(ap);
}

void tool_warn(const struct tool_run *run, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(run, fmt, ap);
    va_end(ap);
}

void tool_warnings(const struct tool_run *run, struct buf *lines)
{
    for (size_t at = 0; at < lines->len;) {
        size_t n = strcspn(lines->data + at, "\n");

        tool_warn(run, "%.*s", (int)n, lines->data + at);
        at += n + 1;
    }
    buf_clear(lines);
}

void tool_notes(const struct tool_run *run, struct buf *lines)
{
    if (!run->quiet)
        tool_warnings(run, lines);
    buf_clear(lines);
}

void tool_note_count(const struct tool_run *run, const char *what, uint64_t n)
{
    if (n)
        tool_note(run, "%s: %llu", what, (unsigned long long)n);
}

void tool_warn_count(const struct tool_run *run, const char *what, uint64_t n)
{
    if (n)
        tool_warn(run, "%s: %llu", what, (unsigned long long)n);
}

void tool_summary(struct tool_run *run, double bytes, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(run->summary, sizeof run->summary, fmt, ap);
    va_end(ap);
    run->summary_bytes = bytes;
}

void tool_summary_counts(struct tool_run *run, double bytes, const struct tool_count *counts,
                         size_t n)
{
    struct buf text = {0};

    for (size_t i = 0; i < n; i++)
        if ((counts[i].n || i == 0) &&
            buf_printf(&text, "%s%llu %s", i ? ", " : "", (unsigned long long)counts[i].n,
                       plural(counts[i].n, counts[i].one, counts[i].many)) != RF_OK)
            break;
    tool_summary(run, bytes, "%s", text.data ? text.data : "");
    buf_free(&text);
}

static void print_summary(const struct tool_run *run)
{
    double seconds = now_s() - run->started;
    char rate[32] = "", memory[32];

    progress_make_room();
    if (run->summary_bytes > 0)
        human(rate, sizeof rate, run->summary_bytes / (seconds > 1e-6 ? seconds : 1e-6), "B");
    fprintf(stderr, "%s: %s, %.2f s%s%s%s, peak %s\n", run->tool->name, run->summary, seconds,
            *rate ? ", " : "", rate, *rate ? "/s" : "",
            human(memory, sizeof memory, peak_memory(), "B"));
}

int tool_finish(struct tool_run *run, int rc)
{
    static const struct {
        int rc, status;
    } map[] = {{RF_OK, EXIT_DONE}, {RF_EUSAGE, EXIT_USAGE}, {RF_ESTOP, EXIT_STOPPED}};
    int status = EXIT_FAILED;

    if (rc == RF_OK)
        rc = standard_end(&run->eb);
    for (size_t i = 0; i < sizeof map / sizeof *map; i++)
        if (map[i].rc == rc)
            status = map[i].status;
    if (rc != RF_OK) {
        progress_make_room();
        fprintf(stderr, "%s: %s\n", run->tool->name,
                *run->eb.text ? run->eb.text : rf_strerror(rc));
    } else if (*run->summary && !run->quiet && (run->verbose || isatty(STDERR_FILENO))) {
        print_summary(run);
    }
    opt_strings_free(&run->strings);
    return status;
}
