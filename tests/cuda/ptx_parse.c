/* ptx_parse.c: PTX as nvcc writes it, one statement a line, to instructions. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ptx.h"

enum { CLASSES = 16 };

/* What is known of an entry while it is parsed. */
struct parse {
    struct ptx_entry *e;
    struct {
        char prefix[16];
        int first;
    } classes[CLASSES];               /* of registers: %r<9> is a class */
    int n_classes, room, line, depth; /* depth: of braces */
    struct label {
        char *name;
        int at;
    } * labels;
    int n_labels;
    size_t parameter[64], parameter_end;
    int n_parameters;
};

/* --- names */

static int find_word(const char *const *words, const char *word)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

static const char *const op_names[] = {
    "mov",   "add",   "sub",      "mul",      "mad",  "fma",  "div",   "rem", "and",
    "or",    "xor",   "not",      "neg",      "abs",  "shl",  "shr",   "min", "max",
    "setp",  "selp",  "cvt",      "cvta",     "ld",   "st",   "bra",   "bar", "shfl",
    "vote",  "match", "mma",      "ldmatrix", "atom", "ex2",  "lg2",   "sin", "cos",
    "rsqrt", "sqrt",  "rcp",      "popc",     "clz",  "brev", "bfind", "bfi", "bfe",
    "prmt",  "shf",   "copysign", "ret",      "nop",  NULL};
static const char *const compare_names[] = {"eq",  "ne",  "lt",  "le",  "gt",  "ge",  "equ",
                                            "neu", "ltu", "leu", "gtu", "geu", "num", "nan",
                                            "lo",  "ls",  "hi",  "hs",  NULL};
static const char *const shuffle_names[] = {"bfly", "down", "up", "idx", NULL};
static const char *const atomic_names[] = {"add", "min",  "max", "and", "or",
                                           "xor", "exch", "cas", NULL};
static const char *const vote_names[] = {"ballot", "any", "all", NULL};
static const char *const boolean_names[] = {"", "and", "or", "xor", NULL};
static const char *const specials[] = {
    "%tid.x",   "%tid.y",   "%tid.z",    "%ntid.x",   "%ntid.y",   "%ntid.z", "%ctaid.x",
    "%ctaid.y", "%ctaid.z", "%nctaid.x", "%nctaid.y", "%nctaid.z", "%laneid", NULL};
/* What changes nothing here. */
static const char *const ignored[] = {"sync",
                                      "uni",
                                      "lo",
                                      "approx",
                                      "ftz",
                                      "full",
                                      "gpu",
                                      "cta",
                                      "sys",
                                      "relaxed",
                                      "volatile",
                                      "nc",
                                      "aligned",
                                      "acquire",
                                      "release",
                                      "clamp",
                                      "L1::no_allocate",
                                      "weak",
                                      "noftz",
                                      NULL};

static bool is_type(const char *s, struct ptx_type *t)
{
    if (strcmp(s, "pred") == 0)
        *t = (struct ptx_type){'p', 1};
    else if (strcmp(s, "bf16") == 0)
        *t = (struct ptx_type){'h', 16};
    else if (strcmp(s, "bf16x2") == 0)
        *t = (struct ptx_type){'H', 32};
    else if (strchr("usbf", s[0]) && isdigit((unsigned char)s[1]) && strlen(s) <= 3)
        *t = (struct ptx_type){s[0], (int)strtol(s + 1, NULL, 10)};
    else
        return false;
    return true;
}

/* --- the parts of an instruction's name */

static bool flag_part(struct ptx_insn *i, const char *s)
{
    static const struct {
        const char *name;
        unsigned bit;
    } flags[] = {{"wide", PTX_WIDE}, {"sat", PTX_SAT}, {"to", PTX_TO},
                 {"warp", PTX_WARP}, {"red", PTX_RED}, {"shiftamt", PTX_SHIFTAMT},
                 {"l", PTX_LEFT},    {"r", 0},         {"wrap", PTX_WRAP}};

    if (strcmp(s, "hi") == 0 && (i->op == PTX_MUL || i->op == PTX_MAD)) {
        i->modifiers |= PTX_HI;
        return true;
    }
    if (strcmp(s, "popc") == 0 && i->op == PTX_BAR) {
        i->modifiers |= PTX_POPC_SUM;
        return true;
    }
    for (size_t k = 0; k < sizeof flags / sizeof *flags; k++)
        if (strcmp(s, flags[k].name) == 0) {
            i->modifiers |= flags[k].bit;
            return true;
        }
    return false;
}

static bool round_part(struct ptx_insn *i, const char *s)
{
    static const char letters[] = "?nmpz"; /* of enum ptx_round */
    const char *at;

    if (s[0] != 'r' || !s[1] || !(at = strchr(letters + 1, s[1])) || (s[2] && s[2] != 'i') ||
        (s[2] && s[3]))
        return false;
    i->round = (enum ptx_round)(at - letters);
    i->whole = s[2] == 'i';
    return true;
}

static bool space_part(struct ptx_insn *i, const char *s)
{
    static const char *const spaces[] = {"", "param", "shared", "global", "local", NULL};
    char name[16];
    int k;

    snprintf(name, sizeof name, "%.*s", (int)strcspn(s, ":"), s); /* shared::cta */
    k = find_word(spaces, name);
    if (k > 0)
        i->space = (enum ptx_space)k;
    return k > 0;
}

static bool word_part(struct ptx_insn *i, const char *s)
{
    const char *const *words = i->op == PTX_SETP   ? compare_names
                               : i->op == PTX_SHFL ? shuffle_names
                               : i->op == PTX_ATOM ? atomic_names
                               : i->op == PTX_VOTE ? vote_names
                               : i->op == PTX_BAR  ? boolean_names
                                                   : NULL;
    int k = words ? find_word(words, s) : -1;

    if (k < 0 && i->op == PTX_SETP && (k = find_word(boolean_names, s)) > 0) {
        i->combine = k;
        return true;
    }
    if (k >= 0)
        i->word = k;
    return k >= 0;
}

static void name_part(struct ptx_insn *i, const char *s, const char *whole)
{
    struct ptx_type t;

    if (is_type(s, &t)) {
        if (!i->type.kind)
            i->type = t;
        else
            i->from = t;
    } else if (strcmp(s, "v2") == 0 || strcmp(s, "v4") == 0) {
        i->vector = s[1] - '0';
    } else if (!word_part(i, s) && !round_part(i, s) && !space_part(i, s) && !flag_part(i, s) &&
               find_word(ignored, s) < 0 && !(i->op == PTX_MATCH && strcmp(s, "any") == 0)) {
        cuh_die("PTX: '%s' of '%s' is not known", s, whole);
    }
}

/* Products of matrices: those of cuda/mma.h are known, to the letter. */
static bool parse_matrix_name(struct ptx_insn *i, const char *name)
{
    static const struct {
        const char *name;
        enum ptx_op op;
        unsigned modifiers;
    } known[] = {{"mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32", PTX_MMA, 0},
                 {"ldmatrix.sync.aligned.m8n8.x4.shared.b16", PTX_LDMATRIX, 0},
                 {"ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16", PTX_LDMATRIX, PTX_TRANS}};

    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (strcmp(name, known[k].name) == 0) {
            i->op = known[k].op;
            i->modifiers = known[k].modifiers;
            i->space = SPACE_SHARED;
            i->type = (struct ptx_type){'b', 32};
            return true;
        }
    return false;
}

static void parse_name(struct ptx_insn *i, const char *name)
{
    static const char *const others[] = {"red", "membar", "fence", "barrier", "exit", NULL};
    static const enum ptx_op same_as[] = {PTX_ATOM, PTX_NOP, PTX_NOP, PTX_BAR, PTX_RET};
    char parts[128], *save, *part;
    int k;

    if (parse_matrix_name(i, name))
        return;
    snprintf(parts, sizeof parts, "%s", name);
    part = strtok_r(parts, ".", &save);
    if ((k = find_word(op_names, part)) < 0) {
        if ((k = find_word(others, part)) < 0)
            cuh_die("PTX: instruction '%s' is not known", name);
        k = same_as[k];
    }
    i->op = (enum ptx_op)k;
    if (i->op == PTX_NOP)
        return;
    while ((part = strtok_r(NULL, ".", &save)))
        name_part(i, part, name);
}

/* --- operands */

static int find_register(struct parse *p, const char *s)
{
    size_t n = strcspn(s, "0123456789");

    for (int i = 0; i < p->n_classes; i++)
        if (strlen(p->classes[i].prefix) == n && memcmp(p->classes[i].prefix, s, n) == 0)
            return p->classes[i].first + (int)strtol(s + n, NULL, 10);
    cuh_die("PTX: register '%s' is not declared", s);
}

static bool find_array(const struct ptx_array *a, int n, const char *s, uint64_t *value)
{
    for (int i = 0; i < n; i++)
        if (strcmp(a[i].name, s) == 0) {
            *value = a[i].offset;
            return true;
        }
    return false;
}

static void parse_symbol(struct parse *p, struct ptx_arg *a, const char *s)
{
    const struct ptx_file *f = p->e->file;
    const char *parameter = strstr(s, "_param_");
    size_t n = strlen(p->e->name);
    long k;

    a->kind = PTX_VALUE;
    if (find_array(f->shared, f->n_shared, s, &a->value) ||
        find_array(f->tables, f->n_tables, s, &a->value))
        return;
    if (strncmp(s, "__local_depot", 13) == 0) {
        a->kind = PTX_LOCAL;
    } else if (parameter && (size_t)(parameter - s) == n && memcmp(s, p->e->name, n) == 0) {
        k = strtol(parameter + 7, NULL, 10);
        if (k >= p->n_parameters)
            cuh_die("PTX: parameter '%s' is not declared", s);
        a->value = p->parameter[k];
    } else {
        cuh_die("PTX: operand '%s' is not known", s);
    }
}

static struct ptx_arg parse_arg(struct parse *p, char *s)
{
    struct ptx_arg a = {PTX_NONE, 0, 0};
    uint64_t added = 0;
    char *plus;

    if (s[0] == '[') {
        s++;
        s[strcspn(s, "]")] = '\0';
        if ((plus = strchr(s, '+'))) {
            *plus = '\0';
            added = (uint64_t)strtoll(plus + 1, NULL, 0);
        }
    }
    if (strcmp(s, "_") == 0)
        return a;
    if (s[0] == '%' && (a.index = find_word(specials, s)) >= 0) {
        a.kind = PTX_SPECIAL;
    } else if (s[0] == '%' && strcmp(s, "%SP") != 0 && strcmp(s, "%SPL") != 0) {
        a.kind = PTX_REG;
        a.index = find_register(p, s);
    } else if (s[0] == '%') {
        a.kind = PTX_REG;
        a.index = s[3] ? 1 : 0; /* two registers that each entry has */
    } else if (s[0] == '0' && strchr("fFdD", s[1]) && s[1]) {
        a.kind = PTX_VALUE;
        a.value = strtoull(s + 2, NULL, 16);
    } else if (isdigit((unsigned char)s[0]) || s[0] == '-') {
        a.kind = PTX_VALUE;
        a.value = s[0] == '-' ? (uint64_t)strtoll(s, NULL, 0) : strtoull(s, NULL, 0);
    } else {
        parse_symbol(p, &a, s);
    }
    a.value += added;
    return a;
}

/* The outputs stand first: one, or those in the first braces, or two with | between. */
static void parse_args(struct parse *p, struct ptx_insn *i, char *s)
{
    bool braces = false, first = true;
    char *word;

    for (i->outputs = 1; *s;) {
        s += strspn(s, " \t");
        if (*s == '{') {
            braces = true;
            s++;
            continue;
        }
        word = s;
        s += strcspn(s, ",|}");
        if (s > word && i->n < PTX_ARGS) {
            char end = *s, *last = s;

            while (last > word && isspace((unsigned char)last[-1]))
                last--;
            *last = '\0';
            if (*word)
                i->arg[i->n++] = parse_arg(p, word);
            if (first)
                i->outputs = i->n;
            if (end == '|' || (end == ',' && braces && first))
                ;
            else
                first = false;
            if (end == '}')
                braces = false;
            if (!end)
                break;
            s++;
        } else if (*s) {
            if (*s == '}')
                braces = false;
            s++;
        }
    }
}

/* --- statements */

static struct ptx_insn *new_insn(struct parse *p)
{
    struct ptx_entry *e = p->e;

    if (e->insns == p->room) {
        p->room = 2 * p->room + 256;
        e->code = realloc(e->code, (size_t)p->room * sizeof *e->code);
        if (!e->code)
            cuh_die("out of memory");
    }
    memset(&e->code[e->insns], 0, sizeof *e->code);
    e->code[e->insns].predicate = -1;
    e->code[e->insns].line = p->line;
    return &e->code[e->insns++];
}

static int label(struct parse *p, const char *name)
{
    for (int i = p->n_labels; i-- > 0;)
        if (strcmp(p->labels[i].name, name) == 0)
            return i;
    p->labels = realloc(p->labels, (size_t)(p->n_labels + 1) * sizeof *p->labels);
    if (!p->labels || !(p->labels[p->n_labels].name = strdup(name)))
        cuh_die("out of memory");
    p->labels[p->n_labels].at = -1;
    return p->n_labels++;
}

static void parse_insn(struct parse *p, char *s)
{
    struct ptx_insn *i = new_insn(p);
    char *name;

    if (*s == '@') {
        i->negated = s[1] == '!';
        name = s + 1 + i->negated;
        s = name + strcspn(name, " \t");
        *s++ = '\0';
        i->predicate = find_register(p, name);
        s += strspn(s, " \t");
    }
    name = s;
    s += strcspn(s, " \t");
    if (*s)
        *s++ = '\0';
    parse_name(i, name);
    s += strspn(s, " \t");
    if (i->op == PTX_BRA)
        i->target = label(p, s);
    else if (i->op != PTX_NOP)
        parse_args(p, i, s);
    if (i->op == PTX_ATOM && strncmp(name, "red", 3) == 0) { /* atom, its result thrown away */
        memmove(i->arg + 1, i->arg, (PTX_ARGS - 1) * sizeof *i->arg);
        i->arg[0] = (struct ptx_arg){PTX_NONE, 0, 0};
        i->n++;
    }
}

static void parse_reg(struct parse *p, const char *s)
{
    const char *name = strchr(s, '%');
    size_t n = name ? strcspn(name, "<;") : 0;
    int count = name && name[n] == '<' ? (int)strtol(name + n + 1, NULL, 10) : 1;

    if (!name || strncmp(name, "%SP", 3) == 0)
        return;
    for (int i = 0; i < p->n_classes; i++)
        if (strlen(p->classes[i].prefix) == n && memcmp(p->classes[i].prefix, name, n) == 0)
            return; /* of inline assembly, in a block of its own each time */
    if (p->n_classes == CLASSES || n >= sizeof p->classes->prefix)
        cuh_die("PTX: too many kinds of registers: '%s'", s);
    memcpy(p->classes[p->n_classes].prefix, name, n);
    p->classes[p->n_classes++].first = p->e->registers;
    p->e->registers += count;
}

/* .param .u64 NAME, or .param .align 8 .b8 NAME[24]: its place behind the ones before. */
static void parse_parameter(struct parse *p, const char *s)
{
    const char *align = strstr(s, ".align "), *bracket = strchr(s, '[');
    struct ptx_type t = {0};
    size_t bytes, to;
    char type[8];

    s += strcspn(s, " ") + 1;
    if (align && bracket) {
        to = strtoul(align + 7, NULL, 10);
        bytes = strtoul(bracket + 1, NULL, 10);
    } else {
        snprintf(type, sizeof type, "%.*s", (int)strcspn(s + 1, " "), s + 1);
        if (!is_type(type, &t))
            cuh_die("PTX: parameter '%s' is not known", s);
        to = bytes = (size_t)t.bits / 8;
    }
    if (p->n_parameters == 64)
        cuh_die("PTX: too many parameters");
    p->parameter_end = (p->parameter_end + to - 1) / to * to;
    p->parameter[p->n_parameters++] = p->parameter_end;
    p->parameter_end += bytes;
}

/* True: the entry ends here. */
static bool parse_line(struct parse *p, char *s)
{
    size_t n = strlen(s);
    int k;

    if (strncmp(s, ".reg", 4) == 0) {
        parse_reg(p, s);
    } else if (strncmp(s, ".param", 6) == 0) {
        parse_parameter(p, s);
    } else if (strncmp(s, ".maxntid", 8) == 0) {
        p->e->maxntid = (unsigned)strtoul(s + 8, NULL, 10);
    } else if (strncmp(s, ".local", 6) == 0) {
        p->e->local_bytes = strtoul(strchr(s, '[') + 1, NULL, 10);
    } else if (strncmp(s, ".loc", 4) == 0) {
        s = strchr(s + 5, ' ');
        p->line = s ? (int)strtol(s, NULL, 10) : 0;
    } else if (s[0] == '{' && !s[1]) {
        p->depth++;
    } else if (s[0] == '}' && !s[1]) {
        return --p->depth == 0;
    } else if (s[0] == '.' || s[0] == '(' || s[0] == ')') {
        return false;
    } else if (s[n - 1] == ':') {
        s[n - 1] = '\0';
        k = label(p, s); /* which may move the labels */
        p->labels[k].at = p->e->insns;
    } else if (s[n - 1] == ';') {
        s[n - 1] = '\0';
        parse_insn(p, s);
    }
    return false;
}

/* nvcc may load two or four numbers at once where fewer are wanted: the last ones, which nobody
 * reads, may be what nobody wrote. They are no longer loaded. */
static void drop_unread(struct ptx_entry *e)
{
    bool *wanted = calloc((size_t)e->registers, sizeof *wanted);

    if (!wanted)
        cuh_die("PTX: no memory");
    for (const struct ptx_insn *i = e->code; i < e->code + e->insns; i++) {
        for (int k = i->op == PTX_LD ? i->outputs : 0; k < i->n; k++)
            if (i->arg[k].kind == PTX_REG)
                wanted[i->arg[k].index] = true;
        if (i->predicate >= 0)
            wanted[i->predicate] = true;
    }
    for (struct ptx_insn *i = e->code; i < e->code + e->insns; i++)
        for (int k = i->outputs; i->op == PTX_LD && k-- > 0 && !wanted[i->arg[k].index];)
            i->arg[k].kind = PTX_NONE;
    free(wanted);
}

void ptx_parse(struct ptx_entry *e)
{
    struct parse p = {.e = e};
    const char *text = e->text;
    char line[PTX_LINE], *s;

    if (e->code)
        return;
    e->registers = 2; /* %SP and %SPL */
    while ((s = ptx_next_line(&text, line)))
        if (*s && parse_line(&p, s))
            break;
    for (int i = 0; i < e->insns; i++)
        if (e->code[i].op == PTX_BRA) {
            e->code[i].target = p.labels[e->code[i].target].at;
            if (e->code[i].target < 0)
                cuh_die("PTX: a branch of '%s' leads nowhere", e->name);
        }
    drop_unread(e);
    for (int i = 0; i < p.n_labels; i++)
        free(p.labels[i].name);
    free(p.labels);
}
