/* fuzz_opt: any words as the command line of a tool. fuzz: -max_len=256
 * -dict=tests/fuzz/opt.dict
 *
 * What is accepted lies in its range and is written and read again as the same; the rest is
 * refused as wrong use, with a reason.
 */
#include <stdlib.h>
#include <string.h>

#include "base/tool.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_WORDS = 16 };

struct cfg {
    bool flag, other;
    uint64_t dim, size;
    double lr, share, time;
    const char *text, *file;
    int choice;
};

static const char *const choices[] = {"one", "two", NULL};
static const struct opt rows[] = {
    OPT_FLAG('f', "flag", struct cfg, flag, "a flag"),
    OPT_FLAG(0, "flat", struct cfg, other, "another, that begins the same way"),
    OPT_TEXT('t', "text", struct cfg, text, "text", "a text"),
    OPT_COUNT('n', "a.dim", struct cfg, dim, 1, 1e9, "n", "a count"),
    OPT_SIZE(0, "a.size", struct cfg, size, 0, 0x1p64, "bytes", "a size"),
    OPT_REAL(0, "a.lr", struct cfg, lr, -1e3, 1e300, "x", "a number"),
    OPT_SHARE('s', "b.share", struct cfg, share, "a share"),
    OPT_TIME(0, "b.time", struct cfg, time, "a time"),
    OPT_FILE('o', "b.file", struct cfg, file, "a file"),
    OPT_CHOICE(0, "b.choice", struct cfg, choice, choices, "what", "a choice"),
    OPT_END};
static const struct tool tool = {.name = "fuzz",
                                 .brief = "nothing",
                                 .operands = "[file ...]",
                                 .min_operands = 0,
                                 .max_operands = 3,
                                 .opts = rows};

static void must(int condition)
{
    if (!condition)
        abort();
}

/* The words, parted by NUL, as argv has them; how many. */
static int split(char **argv, char *text, size_t size)
{
    int n = 0;

    argv[n++] = (char *)(uintptr_t) "fuzz";
    for (size_t at = 0; at < size && n <= MAX_WORDS; at += strlen(text + at) + 1)
        argv[n++] = text + at;
    argv[n] = NULL;
    return n;
}

/* Each value as text sets the same value again. */
static void check_values(const struct cfg *c)
{
    must(c->dim >= 1 && c->dim <= 1000000000 && c->lr >= -1e3 && c->lr <= 1e300);
    must(c->share >= 0 && c->share <= 1 && c->time >= 0 && c->time <= 1e9);
    must(c->choice >= 0 && c->choice < 2);
    for (const struct opt *o = rows; o->type != OPT_TYPE_END; o++) {
        struct buf once = {0}, twice = {0};
        struct opt_strings strings = {0};
        struct cfg again = *c;

        if (o->type == OPT_TYPE_TEXT || o->type == OPT_TYPE_FILE)
            continue;
        must(opt_format(o, c, &once) == RF_OK);
        must(opt_set(o, &again, once.data, &strings, NULL) == RF_OK);
        must(opt_format(o, &again, &twice) == RF_OK && strcmp(once.data, twice.data) == 0);
        buf_free(&once);
        buf_free(&twice);
        opt_strings_free(&strings);
    }
}

/* All of it through YAML, which holds no text that is not UTF-8. */
static void check_yaml(const struct cfg *c)
{
    struct opt_strings strings = {0};
    struct buf once = {0}, twice = {0};
    struct cfg again = {0};

    must(opt_write_yaml(rows, c, &once) == RF_OK);
    if (utf8_check(once.data, once.len) == once.len) {
        must(opt_read_yaml(rows, &again, once.data, once.len, "f", &strings, NULL) == RF_OK);
        must(opt_write_yaml(rows, &again, &twice) == RF_OK);
        must(strcmp(once.data, twice.data) == 0);
        must(!c->text == !again.text && (!c->text || strcmp(c->text, again.text) == 0));
    }
    buf_free(&once);
    buf_free(&twice);
    opt_strings_free(&strings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cfg cfg = {.dim = 1, .flag = true, .text = "given"};
    char *argv[MAX_WORDS + 2], *text = malloc(size + 1);
    struct tool_run run;
    int argc;

    must(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    argc = split(argv, text, size);
    stdout = fopen("/dev/null", "w"); /* the end of a tool closes it */
    stderr = fopen("/dev/null", "w");
    must(stdout && stderr);
    if (tool_start(&run, &tool, &cfg, argc, argv)) {
        must(run.n_operands >= 0 && run.n_operands <= tool.max_operands);
        check_values(&cfg);
        check_yaml(&cfg);
        must(tool_finish(&run, RF_OK) == EXIT_DONE);
    } else if (run.status == EXIT_USAGE) {
        must(*run.eb.text && !strchr(run.eb.text, '\n'));
        fclose(stdout);
    } else {
        must(run.status == EXIT_DONE); /* --help and its like */
    }
    fclose(stderr);
    free(text);
    return 0;
}
