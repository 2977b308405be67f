/* tool_complete.c: answers --completion: what a shell reads to complete a tool's options, their
 * values and its operands. Everything comes from the option table. */
#include <string.h>

#include "base/tool_parts.h"

/* The tables of a tool's options. Those of the tool itself have --no- forms of their flags. */
static size_t tables_of(const struct opt *tables[3], const struct tool *tool)
{
    size_t n = 0;

    tables[n++] = tool->opts;
    if (tool->flags & TOOL_CONFIG)
        tables[n++] = tool_config_rows;
    tables[n++] = tool_common_rows;
    return n;
}

static void print_choices(const struct opt *o)
{
    for (int i = 0; o->choices[i]; i++)
        printf("%s%s", i ? " " : "", o->choices[i]);
}

/* One branch of bash's case: how the value of an option is completed. */
static void print_bash_value(const struct opt *o)
{
    printf("    --%s", o->name);
    if (o->letter)
        printf("|-%c", o->letter);
    if (o->choices) {
        printf(") words='");
        print_choices(o);
        puts("' ;;");
    } else if (o->type == OPT_TYPE_FILE) {
        puts(o->flags & OPT_IS_FOLDER ? ") kind=folders ;;" : ") kind=files ;;");
    } else {
        puts(") kind=none ;;");
    }
}

/* Names of files are left to readline (-o default, -o dirnames), which knows how to quote them.
 * So `compopt` changes what bash does after the function; it fails outside of a completion. */
static void print_bash(const struct tool *tool)
{
    const struct opt *tables[3];
    size_t n = tables_of(tables, tool);

    printf("_%s() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    local stem='' words='' kind=''\n"
           "    COMPREPLY=()\n"
           "    # --name=value is three words if COMP_WORDBREAKS holds '=', else one.\n"
           "    if [[ $cur = '=' ]]; then\n"
           "        cur=''\n"
           "    elif [[ $prev = '=' ]]; then\n"
           "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
           "    elif [[ $cur = --*=* ]]; then\n"
           "        prev=${cur%%%%=*} stem=${cur%%%%=*}= cur=${cur#*=}\n"
           "    fi\n"
           "    case $prev in\n",
           tool->name);
    for (size_t t = 0; t < n; t++)
        for (const struct opt *o = tables[t]; o->type != OPT_TYPE_END; o++)
            if (o->arg)
                print_bash_value(o);
    printf("    *) [[ $cur != -* ]] || words='");
    for (size_t t = 0; t < n; t++)
        for (const struct opt *o = tables[t]; o->type != OPT_TYPE_END; o++) {
            printf("--%s ", o->name);
            if (t == 0 && o->type == OPT_TYPE_FLAG)
                printf("--no-%s ", o->name);
        }
    printf("' ;;\n    esac\n"
           "    if [[ $words ]]; then\n"
           "        kind=none COMPREPLY=($(compgen -P \"$stem\" -W \"$words\" -- \"$cur\"))\n"
           "    fi\n"
           "    case ${kind:-%s} in\n"
           "    none) compopt +o default 2>/dev/null ;;\n"
           "    folders) compopt +o default -o dirnames 2>/dev/null ;;\n"
           "    esac\n"
           "    return 0\n"
           "}\n"
           "complete -o default -F _%s %s\n",
           tool->flags & TOOL_FOLDERS ? "folders" : "files", tool->name, tool->name);
}

/* Print text inside single quotes, where zsh's _arguments takes [ ] and : for its own. */
static void print_quoted(const char *s)
{
    for (; *s; s++) {
        if (*s == '\'')
            fputs("'\\'", stdout);
        else if (strchr("[]:\\", *s))
            putchar('\\');
        putchar(*s);
    }
}

/* Print which options exclude each other, and the names of this one: '(-w
 * --what)'{-w+,--what=}. The plus lets the value stand in the same word or the next, and so
 * does the equals sign. */
static void print_zsh_names(const struct opt *o, const char *no, bool has_no)
{
    printf("  '(");
    if (o->letter)
        printf("-%c ", o->letter);
    printf("--%s", o->name);
    if (has_no)
        printf(" --no-%s", o->name);
    if (o->letter && !*no)
        printf(")'{-%c%s,--%s%s}'[", o->letter, o->arg ? "+" : "", o->name, o->arg ? "=" : "");
    else
        printf(")--%s%s%s[", no, o->name, o->arg ? "=" : "");
}

static void print_zsh_row(const struct opt *o, bool has_no)
{
    print_zsh_names(o, "", has_no);
    print_quoted(o->help);
    putchar(']');
    if (o->arg) {
        putchar(':');
        print_quoted(o->arg);
        putchar(':');
    }
    if (o->choices) {
        putchar('(');
        print_choices(o);
        putchar(')');
    } else if (o->type == OPT_TYPE_FILE) {
        fputs(o->flags & OPT_IS_FOLDER ? "_files -/" : "_files", stdout);
    } else if (o->arg) {
        putchar(' '); /* a value, of which nothing is known */
    }
    puts("' \\");
    if (has_no) {
        print_zsh_names(o, "no-", true);
        fputs("do not ", stdout);
        print_quoted(o->help);
        puts("]' \\");
    }
}

static void print_zsh(const struct tool *tool)
{
    const struct opt *tables[3];
    size_t n = tables_of(tables, tool);

    printf("#compdef %s\n_arguments -s -S \\\n", tool->name);
    for (size_t t = 0; t < n; t++)
        for (const struct opt *o = tables[t]; o->type != OPT_TYPE_END; o++)
            print_zsh_row(o, t == 0 && o->type == OPT_TYPE_FLAG);
    puts(tool->flags & TOOL_FOLDERS ? "  '*:folder:_files -/'" : "  '*:file:_files'");
}

void tool_print_completion(const struct tool *tool, const char *shell)
{
    if (strcmp(shell, "bash") == 0)
        print_bash(tool);
    else
        print_zsh(tool);
}
