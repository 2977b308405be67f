/* tool_help.c: answers --help. */
#include <stdlib.h>
#include <string.h>

#include "base/tool_parts.h"
#include "base/words.h"

enum { WIDTH = 80, TEXT_COLUMN = 31 }; /* of the screen; where the texts of the options begin */

const char *const tool_shells[] = {"bash", "zsh", NULL};
const struct opt tool_common_rows[] = {
    OPT_FLAG('h', "help", struct common_cfg, help, "print this help",
             .heading = "Options of every tool"),
    OPT_FLAG(0, "version", struct common_cfg, version, "print the version"),
    OPT_FLAG('q', "quiet", struct common_cfg, quiet,
             "print no progress and no remarks, only errors"),
    OPT_FLAG('v', "verbose", struct common_cfg, verbose,
             "print the closing summary even if stderr is no terminal"),
    {.type = OPT_TYPE_TEXT,
     .name = "completion",
     .arg = "shell",
     .choices = tool_shells,
     .help = "print what makes bash or zsh complete these options"},
    OPT_END};
const struct opt tool_config_rows[] = {
    OPT_FILE('c', "config", struct common_cfg, config,
             "read settings from this YAML file; options win over it",
             .heading = "All settings"),
    OPT_TEXT(0, "set", struct common_cfg, set, "key=value",
             "set one key of the file, as in --set optim.lr=0.01"),
    OPT_FLAG(0, "dump-config", struct common_cfg, dump, "print the effective settings as YAML"),
    OPT_END};

bool tool_default_on(const struct opt *o, const void *cfg)
{
    return o->type == OPT_TYPE_FLAG && cfg && *(const bool *)((const char *)cfg + o->offset);
}

/* True if `word` stands in the text, with no letter or digit beside it. */
static bool has_word(const char *text, const char *word)
{
    static const char inner[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t n = strlen(word);

    for (const char *at = text; (at = strstr(at, word)); at++)
        if ((at == text || !strchr(inner, at[-1])) && (!at[n] || !strchr(inner, at[n])))
            return true;
    return false;
}

static int put_choices(struct buf *to, const struct opt *o)
{
    bool named = true;
    int rc = RF_OK;

    for (int i = 0; o->choices[i]; i++)
        named = named && has_word(o->help, o->choices[i]);
    for (int i = 0; !named && o->choices[i] && rc == RF_OK; i++)
        rc = buf_printf(to, "%s %s", i ? "," : ":", o->choices[i]);
    return rc;
}

static bool has_default(const struct opt *o, const void *cfg)
{
    bool text = o->type == OPT_TYPE_TEXT || o->type == OPT_TYPE_FILE;

    return cfg && o->type != OPT_TYPE_FLAG &&
           !(text && !*(const char *const *)((const char *)cfg + o->offset));
}

/* Write all that --help says of an option: its text, its choices, its default. */
static int put_row(struct buf *to, const struct opt *o, const void *cfg)
{
    int rc = buf_printf(to, "%s%s", tool_default_on(o, cfg) ? "do not " : "", o->help);

    if (rc == RF_OK && o->choices)
        rc = put_choices(to, o);
    if (rc == RF_OK && has_default(o, cfg)) {
        rc = buf_put(to, " (", 2);
        rc = rc == RF_OK ? opt_format(o, cfg, to) : rc;
        rc = rc == RF_OK ? buf_put(to, ")", 1) : rc;
    }
    return rc;
}

/* Print words, the first of them behind `column` columns of the line, and go on in lines that
 * begin at TEXT_COLUMN. */
static void print_wrapped(const char *text, size_t column)
{
    size_t at = column;

    while (*text) {
        size_t n = strcspn(text, " ");
        char word[256];

        snprintf(word, sizeof word, "%.*s", (int)n, text);
        if (at > TEXT_COLUMN && at + 1 + text_columns(word) > WIDTH) {
            printf("\n%*s", TEXT_COLUMN, "");
            at = TEXT_COLUMN;
        } else if (at > TEXT_COLUMN) {
            putchar(' ');
            at++;
        }
        fputs(word, stdout);
        at += text_columns(word);
        text += n + (text[n] == ' ');
    }
    putchar('\n');
}

static void print_row(const struct opt *o, const void *cfg)
{
    struct buf text = {0};
    char left[96];
    int n = snprintf(left, sizeof left, "  %c%c%c --%s%s%s%s", o->letter ? '-' : ' ',
                     o->letter ? o->letter : ' ', o->letter ? ',' : ' ',
                     tool_default_on(o, cfg) ? "no-" : "", o->name, o->arg ? " " : "",
                     o->arg ? o->arg : "");

    if (n < TEXT_COLUMN)
        printf("%-*s", TEXT_COLUMN, left);
    else
        printf("%s\n%*s", left, TEXT_COLUMN, "");
    print_wrapped(put_row(&text, o, cfg) == RF_OK ? text.data : o->help, TEXT_COLUMN);
    buf_free(&text);
}

static void print_rows(const struct opt *rows, const void *cfg, bool headings)
{
    for (const struct opt *o = rows; o->type != OPT_TYPE_END; o++) {
        if (headings && o->heading)
            printf("\n%s\n", o->heading);
        print_row(o, cfg);
    }
}

void tool_print_help(const struct tool *tool, const void *cfg)
{
    bool headings = tool->opts[0].heading;

    printf("usage: %s [options]%s%s\n%s\n%s", tool->name, *tool->operands ? " " : "",
           tool->operands, tool->brief, headings ? "" : "\n");
    print_rows(tool->opts, cfg, headings);
    if (tool->flags & TOOL_CONFIG)
        print_rows(tool_config_rows, NULL, headings);
    print_rows(tool_common_rows, NULL, headings);
    printf("\nDefaults are in parentheses. The whole story: man %s\n", tool->name);
}
