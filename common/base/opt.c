#include "base/opt.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

void opt_strings_free(struct opt_strings *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->s[i]);
    free(s->s);
    *s = (struct opt_strings){0};
}

static const char *keep_string(struct opt_strings *keep, const char *text)
{
    char **s = realloc(keep->s, (keep->n + 1) * sizeof *s);

    if (!s)
        return NULL;
    keep->s = s;
    if (!(s[keep->n] = strdup(text)))
        return NULL;
    return s[keep->n++];
}

const struct opt *opt_find(const struct opt *table, const char *name)
{
    for (const struct opt *o = table; o->type != OPT_TYPE_END; o++)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

const char *opt_hint(char hint[NEAREST_HINT_BYTES], const struct opt *table, const char *key)
{
    struct nearest near = {.typed = key};

    for (const struct opt *o = table; o->type != OPT_TYPE_END; o++)
        if (!(o->flags & OPT_ONCE))
            nearest_offer(&near, o->name);
    return nearest_hint(hint, &near, "");
}

int opt_parse_u64(uint64_t *out, const char *text)
{
    uint64_t n = 0;

    if (!*text)
        return RF_EUSAGE;
    for (const char *p = text; *p; p++) {
        unsigned digit = (unsigned)(*p - '0');

        if (*p < '0' || *p > '9' || n > (UINT64_MAX - digit) / 10)
            return RF_EUSAGE;
        n = n * 10 + digit;
    }
    *out = n;
    return RF_OK;
}

int opt_parse_real(double *out, const char *text)
{
    char *end;
    double x;

    if (!*text || text[strspn(text, "0123456789.eE+-")])
        return RF_EUSAGE; /* strtod() would accept more: hexadecimal, inf, nan, leading spaces
                           */
    x = strtod(text, &end);
    if (*end || !isfinite(x))
        return RF_EUSAGE;
    *out = x;
    return RF_OK;
}

/* Returns the factor of the unit at the end of `text`, for an option of this type. *digits is
 * the length of the text before the unit. */
static double unit_of(enum opt_type type, const char *text, size_t *digits)
{
    static const char sizes[] = "KMGT", times[] = "smhd";
    static const double seconds[] = {1, 60, 3600, 86400};
    size_t len = strlen(text);
    char last = len ? text[len - 1] : '\0';
    const char *at;

    *digits = len;
    if (!last)
        return 1;
    if (type == OPT_TYPE_SHARE && last == '%') {
        *digits = len - 1;
        while (*digits && text[*digits - 1] == ' ') /* "15 %" */
            --*digits;
        return 0.01;
    }
    if (type == OPT_TYPE_TIME && (at = strchr(times, last))) {
        *digits = len - 1;
        return seconds[at - times];
    }
    if ((type == OPT_TYPE_SIZE || type == OPT_TYPE_COUNT) &&
        (at = strchr(sizes, toupper((unsigned char)last)))) {
        *digits = len - 1;
        return pow(type == OPT_TYPE_SIZE ? 1024 : 1000, (double)(at - sizes + 1));
    }
    return 1;
}

static int bad_value(const struct opt *o, const char *text, const char *why, struct errbuf *eb)
{
    return err_set(eb, RF_EUSAGE, "bad value '%s' for '%s': %s", text, o->name, why);
}

static int set_number(const struct opt *o, void *field, const char *text, struct errbuf *eb)
{
    bool whole = o->type == OPT_TYPE_COUNT || o->type == OPT_TYPE_SIZE;
    char digits[64], why[96];
    size_t n;
    double unit = unit_of(o->type, text, &n), x;
    uint64_t u = 0;
    bool exact;

    if (n >= sizeof digits)
        return bad_value(o, text, "too long for a number", eb);
    memcpy(digits, text, n);
    digits[n] = '\0';
    exact = whole && opt_parse_u64(&u, digits) == RF_OK;
    if (!exact && opt_parse_real(&x, digits) != RF_OK)
        return bad_value(o, text, "not a number with a unit it knows", eb);
    x = (exact ? (double)u : x) * unit;
    if (!(x >= o->min && x <= o->max) || (whole && x >= 0x1p64)) {
        snprintf(why, sizeof why, "must be %.15g to %.15g", o->min, o->max);
        return bad_value(o, text, why, eb);
    }
    if (!whole)
        *(double *)field = x;
    else if (x != floor(x))
        return bad_value(o, text, "not a whole number", eb);
    else
        *(uint64_t *)field = exact ? u * (uint64_t)unit : (uint64_t)x;
    return RF_OK;
}

static int set_choice(const struct opt *o, int *field, const char *text, struct errbuf *eb)
{
    struct nearest near = {.typed = text};
    char all[256 + NEAREST_HINT_BYTES] = "must be", hint[NEAREST_HINT_BYTES];
    size_t at;

    for (int i = 0; o->choices[i]; i++) {
        if (strcmp(o->choices[i], text) == 0) {
            *field = i;
            return RF_OK;
        }
        nearest_offer(&near, o->choices[i]);
        at = strlen(all);
        snprintf(all + at, sizeof all - at, "%s %s", i ? "," : "", o->choices[i]);
    }
    at = strlen(all);
    if (*nearest_hint(hint, &near, ""))
        snprintf(all + at, sizeof all - at, ";%s",
                 hint + 1); /* no comma: it parts the choices */
    return bad_value(o, text, all, eb);
}

int opt_set(const struct opt *o, void *cfg, const char *text, struct opt_strings *keep,
            struct errbuf *eb)
{
    void *field = (char *)cfg + o->offset;
    const char *copy;

    switch (o->type) {
    case OPT_TYPE_FLAG:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
            return bad_value(o, text, "must be true or false", eb);
        *(bool *)field = *text == 't';
        return RF_OK;
    case OPT_TYPE_TEXT:
    case OPT_TYPE_FILE:
        if (!(copy = keep_string(keep, text)))
            return err_nomem(eb);
        *(const char **)field = copy;
        return RF_OK;
    case OPT_TYPE_CHOICE: return set_choice(o, field, text, eb);
    case OPT_TYPE_COUNT:
    case OPT_TYPE_SIZE:
    case OPT_TYPE_REAL:
    case OPT_TYPE_SHARE:
    case OPT_TYPE_TIME: return set_number(o, field, text, eb);
    case OPT_TYPE_END: break;
    }
    return RF_EUSAGE;
}

/* True for characters that YAML takes for line ends or does not allow. */
static bool is_odd(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x2028 || cp == 0x2029 ||
           cp == 0xFEFF || cp == 0xFFFE || cp == 0xFFFF;
}

/* The next character and its length. A byte that is not UTF-8 counts as one character,
 * because YAML cannot hold it. */
static size_t next_char(uint32_t *cp, const char *s, const char *end)
{
    size_t n = utf8_decode(cp, s, (size_t)(end - s));

    return n ? n : 1;
}

static bool has_odd(const char *s)
{
    uint32_t cp = ' ';

    for (const char *end = s + strlen(s); s < end && !is_odd(cp);)
        s += next_char(&cp, s, end);
    return is_odd(cp);
}

/* Write text in double quotes, which can hold every character. */
static int put_escaped(struct buf *to, const char *s)
{
    const char *end = s + strlen(s);
    int rc = buf_put(to, "\"", 1);
    uint32_t cp;

    for (size_t n; s < end && rc == RF_OK; s += n) {
        n = next_char(&cp, s, end);
        if (is_odd(cp))
            rc = buf_printf(to, "\\u%04X", (unsigned)cp);
        else
            rc = buf_printf(to, "%s%.*s", *s == '"' || *s == '\\' ? "\\" : "", (int)n, s);
    }
    return rc == RF_OK ? buf_put(to, "\"", 1) : rc;
}

/* Write text as it is if YAML reads it so, else in single quotes with each ' doubled. */
static int put_text(struct buf *to, const char *s)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";

    if (*s && *s != '-' && !s[strspn(s, plain)])
        return buf_put(to, s, strlen(s));
    if (has_odd(s))
        return put_escaped(to, s);
    if (buf_put(to, "'", 1) != RF_OK)
        return RF_ENOMEM;
    for (; *s; s++)
        if (buf_put(to, *s == '\'' ? "''" : s, *s == '\'' ? 2 : 1) != RF_OK)
            return RF_ENOMEM;
    return buf_put(to, "'", 1);
}

static int put_size(struct buf *to, uint64_t n)
{
    static const char units[] = "KMGT";
    size_t u = 0;

    for (; n && n % 1024 == 0 && units[u]; u++)
        n /= 1024;
    return buf_printf(to, "%llu%.*s", (unsigned long long)n, u ? 1 : 0,
                      units + (u ? u - 1 : 0));
}

int opt_format(const struct opt *o, const void *cfg, struct buf *to)
{
    const void *field = (const char *)cfg + o->offset;
    double x;

    switch (o->type) {
    case OPT_TYPE_FLAG: return buf_printf(to, "%s", *(const bool *)field ? "true" : "false");
    case OPT_TYPE_COUNT:
        return buf_printf(to, "%llu", (unsigned long long)*(const uint64_t *)field);
    case OPT_TYPE_SIZE: return put_size(to, *(const uint64_t *)field);
    case OPT_TYPE_REAL:
    case OPT_TYPE_SHARE:
    case OPT_TYPE_TIME: /* the fewest digits that are read back as the same number */
        x = *(const double *)field;
        for (int digits = 6;; digits++) {
            char text[40];

            snprintf(text, sizeof text, "%.*g", digits, x);
            if (digits == 17 || strtod(text, NULL) == x)
                return buf_printf(to, "%s", text);
        }
    case OPT_TYPE_TEXT:
    case OPT_TYPE_FILE: return put_text(to, *(const char *const *)field);
    case OPT_TYPE_CHOICE: return buf_printf(to, "%s", o->choices[*(const int *)field]);
    case OPT_TYPE_END: break;
    }
    return RF_OK;
}

static bool is_unset(const struct opt *o, const void *cfg)
{
    return (o->type == OPT_TYPE_TEXT || o->type == OPT_TYPE_FILE) &&
           !*(const char *const *)((const char *)cfg + o->offset);
}

/* Returns the length of the section in front of a name, 0 if there is none. */
static size_t section_of(const char *name)
{
    const char *dot = strchr(name, '.');

    return dot ? (size_t)(dot - name) : 0;
}

int opt_check_text(const struct opt *table, const void *cfg, bool files, struct errbuf *eb)
{
    for (const struct opt *o = table; o->type != OPT_TYPE_END; o++) {
        const char *s;

        if (o->type != OPT_TYPE_TEXT && !(files && o->type == OPT_TYPE_FILE))
            continue;
        if (is_unset(o, cfg))
            continue;
        s = *(const char *const *)((const char *)cfg + o->offset);
        if (utf8_check(s, strlen(s)) != strlen(s))
            return err_set(eb, RF_EUSAGE, "%s '%s' is not UTF-8", o->name, s);
    }
    return RF_OK;
}

int opt_write_yaml(const struct opt *table, const void *cfg, struct buf *to)
{
    const char *section = "";
    size_t len = 0;

    for (const struct opt *o = table; o->type != OPT_TYPE_END; o++) {
        size_t n = section_of(o->name);

        if (is_unset(o, cfg) || (o->flags & OPT_ONCE))
            continue;
        if (n && (n != len || strncmp(o->name, section, n) != 0) &&
            buf_printf(to, "%.*s:\n", (int)n, o->name) != RF_OK)
            return RF_ENOMEM;
        section = o->name;
        len = n;
        if (buf_printf(to, "%s%s: ", n ? "  " : "", o->name + (n ? n + 1 : 0)) != RF_OK ||
            opt_format(o, cfg, to) != RF_OK || buf_put(to, "\n", 1) != RF_OK)
            return RF_ENOMEM;
    }
    return RF_OK;
}

int opt_describe(const struct opt *table, const void *cfg, struct buf *to)
{
    const char *space = "";

    for (const struct opt *o = table; o->type != OPT_TYPE_END; o++) {
        if ((o->flags & OPT_LOCAL) || is_unset(o, cfg))
            continue;
        if (buf_printf(to, "%s%s=", space, o->name) != RF_OK || opt_format(o, cfg, to) != RF_OK)
            return RF_ENOMEM;
        space = " ";
    }
    return RF_OK;
}
