/*
 * wikitext_value.c: templates that show a number: fractions, groups of digits, money, ordinals.
 *
 * A value that is spread over the arguments is shown whole or not at all, because half of one
 * reads as well as all of it and is wrong. So each function here returns false if there is
 * anything in the arguments that it does not understand.
 */
#include "corpus/wikitext_parts.h"

/* The number of arguments; 0 if one is missing between them or text was left out in one. */
static size_t count_all(const struct call *c)
{
    size_t n = 0;

    while (n < POSITIONS && c->at[n + 1].s) {
        if (wt_has_drop(c->at[n + 1]))
            return 0;
        n++;
    }
    return n == c->top ? n : 0;
}

/* An empty argument at the end counts as none. */
static size_t count_given(const struct call *c)
{
    size_t n = count_all(c);

    while (n && c->at[n].n == 0)
        n--;
    return n;
}

static void put_term(struct wikitext_work *k, struct wt_span t)
{
    bool single = true;

    for (size_t i = 1; i < t.n; i++)
        single &= t.s[i] != ' ' && t.s[i] != '+' && t.s[i] != '-' && t.s[i] != '/';
    wt_put_text(k, single ? "" : "(");
    wt_put_span(k, t);
    wt_put_text(k, single ? "" : ")");
}

/* frac: 7 is "1/7", 1|2 is "1/2", 2|1|2 is "2 1/2". */
static bool put_fraction(struct wikitext_work *k, const struct call *c)
{
    size_t n = count_given(c);

    if (n == 0 || n > 3)
        return false;
    for (size_t i = 1; i <= n; i++)
        if (c->at[i].n == 0)
            return false;
    if (n == 3) {
        wt_put_span(k, c->at[1]);
        wt_put_text(k, " ");
    }
    if (n == 1)
        wt_put_text(k, "1");
    else
        put_term(k, c->at[n - 1]);
    wt_put_text(k, "/");
    put_term(k, c->at[n]);
    return true;
}

/* 1/2 and 1er|mars: the name itself, and the arguments behind it. */
static bool put_name(struct wikitext_work *k, const struct call *c)
{
    wt_put_span(k, c->name);
    for (size_t i = 1; i <= c->top; i++) {
        if (wt_has_drop(c->at[i]))
            return false;
        wt_put_text(k, c->at[i].n ? " " : "");
        wt_put_span(k, c->at[i]);
    }
    return true;
}

/* Append ×10^e and the unit. */
static void put_tail(struct wikitext_work *k, struct wt_span e, struct wt_span unit)
{
    if (e.n) {
        wt_put_text(k, "×10^");
        wt_put_span(k, e);
    }
    if (unit.n) {
        wt_put_text(k, " ");
        wt_put_span(k, unit);
    }
}

/* gaps: 9|460|730|e=5|u=m is "9460730×10^5 m". */
static bool put_gaps(struct wikitext_work *k, const struct call *c)
{
    size_t n = count_given(c);
    struct wt_span e = wt_named(k, c, "e"), unit = wt_named(k, c, "u");

    if (n == 0 || !wt_is_number(c->at[1]) || wt_has_drop(e) || wt_has_drop(unit) ||
        !wt_only_named(k, c, "e u "))
        return false;
    for (size_t i = 1; i <= n; i++)
        wt_put_span(k, c->at[i]);
    put_tail(k, e, unit);
    return true;
}

/* us$: 5 is "5". A second argument is the year from which inflation is counted. */
static bool put_money(struct wikitext_work *k, const struct call *c)
{
    struct wt_span year = c->at[2];

    if (c->n == 0 && !c->at[1].s)
        return true; /* {{₹}}500 */
    if (!wt_is_number(c->at[1]) || (year.n && (year.n != 4 || !is_digit(*year.s))))
        return false;
    wt_put_span(k, c->at[1]);
    return true;
}

/* inrconvert: 5|c is "5 crore". */
static bool put_scaled_money(struct wikitext_work *k, const struct call *c)
{
    static const char *const rows[][2] = {
        {"", ""},          {"k", " thousand"},    {"l", " lakh"},    {"c", " crore"},
        {"m", " million"}, {"lc", " lakh crore"}, {"b", " billion"}, {"t", " trillion"}};
    struct wt_span scale = c->at[2].s ? c->at[2] : (struct wt_span){"", 0};

    if (!wt_is_number(c->at[1]))
        return false;
    wt_put_span(k, c->at[1]);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (wt_span_is(scale, rows[i][0])) {
            wt_put_text(k, rows[i][1]);
            return true;
        }
    }
    return false;
}

/* currency: 5|USD is "US$5". */
static bool put_currency(struct wikitext_work *k, const struct call *c)
{
    static const char *const rows[][2] = {
        {"USD", "US$"}, {"EUR", "€"},   {"GBP", "£"},   {"JPY", "¥"},   {"KRW", "₩"},
        {"INR", "₹"},   {"CNY", "CN¥"}, {"AUD", "A$"},  {"CAD", "C$"},  {"NZD", "NZ$"},
        {"HKD", "HK$"}, {"TWD", "NT$"}, {"SGD", "S$"},  {"RUB", "₽"}, {"BRL", "R$"},
        {"PHP", "₱"},   {"TRY", "₺"},   {"CHF", "CHF "}};

    if (!wt_is_number(c->at[1]) || !c->at[2].s)
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (wt_span_is(c->at[2], rows[i][0])) {
            wt_put_text(k, rows[i][1]);
            wt_put_span(k, c->at[1]);
            return true;
        }
    }
    return false;
}

/* ordinal: 5 is "5th". */
static bool put_ordinal(struct wikitext_work *k, const struct call *c)
{
    struct wt_span t = c->at[1];
    unsigned last = 0, tens = 0;

    if (!t.s || !t.n)
        return false;
    for (size_t i = 0; i < t.n; i++) {
        if (!is_digit(t.s[i]) && t.s[i] != ',')
            return false;
        tens = last;
        last = (unsigned)(t.s[i] - '0');
    }
    wt_put_span(k, t);
    wt_put_text(k, tens == 1   ? "th"
                   : last == 1 ? "st"
                   : last == 2 ? "nd"
                   : last == 3 ? "rd"
                               : "th");
    return true;
}

/* True if the text before the template ends in a 10 that is no part of a longer number. */
static bool is_behind_ten(const struct wikitext_work *k, const struct call *c)
{
    const char *end = k->flat.data + c->start;

    return c->start >= 2 && memcmp(end - 2, "10", 2) == 0 &&
           (c->start == 2 || !(is_digit(end[-3]) || end[-3] == '.' || end[-3] == ','));
}

/* e: 5{{e|6}} is "5×10^6". In French it raises its text: 10{{e|6}}, m{{e|2}}, XIX{{e}}. */
static bool put_exponent(struct wikitext_work *k, const struct call *c)
{
    bool behind_text =
        c->before && !is_digit(c->before) && !is_blank(c->before) && c->before != ')';

    if (!c->at[1].s) {
        wt_put_text(k, "e");
        return c->before != '\0';
    }
    if (wt_has_drop(c->at[1]) || c->at[2].n)
        return false;
    if (is_behind_ten(k, c))
        wt_put_text(k, "^");
    else if (!behind_text)
        wt_put_text(k, "×10^");
    wt_put_span(k, c->at[1]);
    return true;
}

/* sup: 6 behind a number is "^6". */
static bool put_raised(struct wikitext_work *k, const struct call *c)
{
    if (!c->at[1].s)
        return false;
    wt_put_text(k, wt_power(c->before, c->at[1]));
    wt_put_span(k, c->at[1]);
    return true;
}

/* exp: the same, but without anything before it this is another template. */
static bool put_exponent_only(struct wikitext_work *k, const struct call *c)
{
    return c->before && !is_blank(c->before) && !c->at[2].n && put_raised(k, c);
}

/* sub: 2 behind a number is "_2". */
static bool put_lowered(struct wikitext_work *k, const struct call *c)
{
    if (!c->at[1].s)
        return false;
    wt_put_text(k, is_digit(c->before) && c->at[1].n && is_digit(*c->at[1].s) ? "_" : "");
    wt_put_span(k, c->at[1]);
    return true;
}

/* The only argument there is. */
static bool put_single(struct wikitext_work *k, const struct call *c)
{
    if (count_given(c) != 1)
        return false;
    wt_put_span(k, c->at[1]);
    return true;
}

/* solar mass: 5 is "5 ", without an argument nothing. The symbol follows. */
static bool put_count_of(struct wikitext_work *k, const struct call *c)
{
    if (!c->at[1].s || c->at[1].n == 0)
        return true;
    if (!wt_is_number(c->at[1]) || c->at[2].n)
        return false;
    wt_put_span(k, c->at[1]);
    wt_put_text(k, " ");
    return true;
}

/* Arguments with a sign of their own behind each. */
static bool put_angle(struct wikitext_work *k, const struct call *c, const char *const *unit)
{
    size_t n = count_given(c);

    if (n == 0 || n > 3)
        return false;
    for (size_t i = 1; i <= n; i++) {
        if (!wt_is_number(c->at[i]))
            return false;
        wt_put_text(k, i > 1 ? " " : "");
        wt_put_span(k, c->at[i]);
        wt_put_text(k, unit[i - 1]);
    }
    return true;
}

static bool put_right_ascension(struct wikitext_work *k, const struct call *c)
{
    return put_angle(k, c, (const char *const[]){"h", "m", "s"});
}

static bool put_declination(struct wikitext_work *k, const struct call *c)
{
    return put_angle(k, c, (const char *const[]){"°", "′", "″"});
}

/* duration: 1|20|5 and h=1|m=20|s=5 are "1:20:05", 3:20 stays. */
static bool put_duration(struct wikitext_work *k, const struct call *c)
{
    static const char *const names[] = {"h", "m", "s"};
    size_t n = count_given(c);
    bool any = false;

    if (n > 3)
        return false;
    for (size_t i = 0; i < (n ? n : 3); i++) {
        struct wt_span t = n ? c->at[i + 1] : wt_named(k, c, names[i]);

        if (!t.n && !any)
            continue;
        if (!t.n)
            t = (struct wt_span){"00", 2};
        if (!wt_is_number(t))
            return false;
        wt_put_text(k, any ? t.n == 1 ? ":0" : ":" : "");
        wt_put_span(k, t);
        any = true;
    }
    return any;
}

/* Templates that compute what they show. */
static bool put_nothing(struct wikitext_work *k, const struct call *c)
{
    (void)k;
    (void)c;
    return false;
}

static const struct {
    char kind;
    bool (*put)(struct wikitext_work *k, const struct call *c);
} kinds[] = {
    {'C', wt_put_measure},   {'V', wt_put_val},          {'U', wt_put_with_unit},
    {'H', wt_put_height},    {'A', wt_put_as_of},        {'D', wt_put_date},
    {'Z', wt_put_old_style}, {'S', wt_put_century},      {'R', wt_put_years},
    {'K', wt_put_circa},     {'Y', wt_put_age},          {'F', put_fraction},
    {'G', put_gaps},         {'M', put_money},           {'N', put_scaled_money},
    {'I', put_currency},     {'O', put_ordinal},         {'E', put_exponent},
    {'^', put_raised},       {'x', put_exponent_only},   {'_', put_lowered},
    {'B', put_count_of},     {'Q', put_right_ascension}, {'W', put_declination},
    {'X', put_duration},     {'J', put_single},          {'n', put_name},
    {'h', wt_put_altitude},  {'i', wt_put_siglo},        {'s', wt_put_s},
    {'?', put_nothing},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static size_t find_kind(char kind)
{
    size_t i = 0;

    while (i < N_KINDS && kinds[i].kind != kind)
        i++;
    return i;
}

bool wt_is_value(char kind)
{
    return find_kind(kind) < N_KINDS;
}

bool wt_value(struct wikitext_work *k, const struct call *c, char kind)
{
    size_t start = k->tmp.len;

    if (c->top > POSITIONS || !kinds[find_kind(kind)].put(k, c))
        return false;
    /* 2{{frac|1|2}} is "2 1/2". */
    if (start == 0 && is_digit(c->before) && k->tmp.len && is_digit(*k->tmp.data))
        wt_put_front(k, (struct wt_span){" ", 1});
    return true;
}
