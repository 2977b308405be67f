/* wikitext_measure.c: templates of numbers with units: convert, val, unité, height. */
#include "corpus/wikitext_parts.h"

/* Codes of convert that are not what it shows. */
static const char *const unit_names[][2] = {
    {"C", "°C"},           {"C-change", "°C"},
    {"F", "°F"},           {"F-change", "°F"},
    {"LT", "long tons"},   {"R", "°R"},
    {"ST", "short tons"},  {"USfloz", "US fl oz"},
    {"USgal", "US gal"},   {"USoz", "US fl oz"},
    {"acreft", "acre-ft"}, {"cuft", "cu ft"},
    {"cuin", "cu in"},     {"cumi", "cu mi"},
    {"cuyd", "cu yd"},     {"impfloz", "imp fl oz"},
    {"impgal", "imp gal"}, {"impoz", "imp fl oz"},
    {"kmh", "km/h"},       {"kph", "km/h"},
    {"mpgUS", "mpg"},      {"mpgus", "mpg"},
    {"ozt", "oz t"},       {"sqft", "sq ft"},
    {"sqin", "sq in"},     {"sqmi", "sq mi"},
    {"sqyd", "sq yd"},     {"usfloz", "US fl oz"},
    {"usgal", "US gal"},
};

static void put_unit_name(struct wikitext_work *k, struct wt_span t)
{
    for (size_t i = 0; i < sizeof unit_names / sizeof *unit_names; i++) {
        if (wt_span_is(t, unit_names[i][0])) {
            wt_put_text(k, unit_names[i][1]);
            return;
        }
    }
    wt_put_span(k, t);
}

/* Write a unit of convert with the space before it. "e6km2" is " million km2", "PD/sqmi" and
 * "/sqmi" are "/sq mi". False: it is none. */
static bool put_unit(struct wikitext_work *k, struct wt_span t)
{
    static const char *const scales[][2] = {
        {"e3", " thousand"}, {"e6", " million"}, {"e9", " billion"}, {"e12", " trillion"}};
    size_t i = 0;

    while (i < 4 && !(wt_span_starts(t, scales[i][0]) && t.n > strlen(scales[i][0]) &&
                      !is_digit(t.s[strlen(scales[i][0])])))
        i++;
    if (i < 4) {
        wt_put_text(k, scales[i][1]);
        t.n -= strlen(scales[i][0]);
        t.s += strlen(scales[i][0]);
    } else if (t.n > 1 && *t.s == 'e' && is_digit(t.s[1])) {
        return false;
    }
    if (wt_span_starts(t, "PD/")) {
        t.s += 2;
        t.n -= 2;
    }
    if (t.n == 0 || wt_is_number(t) || wt_has_drop(t))
        return false;
    if (*t.s != '/')
        wt_put_text(k, " ");
    while (t.n) {
        const char *slash = memchr(t.s, '/', t.n);
        struct wt_span part = {t.s, slash ? (size_t)(slash - t.s) : t.n};
        size_t n = part.n + (slash != NULL);

        put_unit_name(k, part);
        wt_put_text(k, slash ? "/" : "");
        t.s += n;
        t.n -= n;
    }
    return true;
}

/* True for a unit that may follow a larger one: 6|ft|2|in. */
static bool is_smaller_unit(struct wt_span t)
{
    static const char *const names[] = {
        "in",      "inch", "inches",  "ft",       "foot",      "feet", "yd", "ch",   "chain",
        "chains",  "fur",  "furlong", "rd",       "oz",        "lb",   "st", "qtr",  "qr",
        "cwt",     "lcwt", "scwt",    "long cwt", "short cwt", "pt",   "qt", "floz", "impoz",
        "impfloz", "USoz", "usoz",    "USfloz",   "usfloz",    "min",  "s"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (wt_span_is(t, names[i]))
            return true;
    return false;
}

/* True if a second measure follows, as in 2|ft|3|in|x|4|ft|5|in. */
static bool begins_range(const struct call *c, size_t i)
{
    return i + 2 <= POSITIONS && wt_range_text(c->at[i]) && wt_is_number(c->at[i + 1]) &&
           c->at[i + 2].n && !wt_is_number(c->at[i + 2]);
}

/* convert: 93|m|ft is "93 m", 5|to|10|km is "5 to 10 km", 6|ft|2|in|m is "6 ft 2 in". What it
 * is converted to is computed, and left out. */
bool wt_put_measure(struct wikitext_work *k, const struct call *c)
{
    struct wt_span disp = wt_named(k, c, "disp");
    size_t i = 1, money = 0;

    if (disp.n && (wt_span_starts(disp, "out") || wt_span_starts(disp, "num") ||
                   wt_span_starts(disp, "unit") || wt_span_starts(disp, "table")))
        return false; /* these show only the result, or no unit */
    if (!wt_put_range(k, c, &i) || i == POSITIONS)
        return false;
    for (const char *sign = "$\0£\0€\0₩\0¥\0₹\0"; *sign; sign += strlen(sign) + 1)
        if (c->at[i + 1].n > strlen(sign) && wt_span_starts(c->at[i + 1], sign))
            money = strlen(sign);
    if (money) { /* 5|$/acre is "$5/acre" */
        struct wt_span unit = c->at[i + 1];

        wt_put_front(k, (struct wt_span){unit.s, money});
        return put_unit(k, (struct wt_span){unit.s + money, unit.n - money});
    }
    if (!put_unit(k, c->at[i + 1]))
        return false;
    for (i += 2; i < POSITIONS && wt_is_number(c->at[i]) && c->at[i + 1].n &&
                 !wt_is_number(c->at[i + 1]);
         i += 2) {
        if (!is_smaller_unit(c->at[i + 1]))
            return false;
        wt_put_text(k, " ");
        wt_put_number(k, c->at[i]);
        wt_put_text(k, " ");
        wt_put_span(k, c->at[i + 1]);
    }
    return !begins_range(c, i);
}

/* The uncertainty of val: 5|0.1 is "5±0.1", 5|0.2|0.1 is "5+0.2−0.1", 5|(1) is "5(1)". Returns
 * the number of arguments, 0 if they are not understood. */
static size_t put_uncertainty(struct wikitext_work *k, const struct call *c, size_t i)
{
    struct wt_span up = c->at[i + 1], down = c->at[i + 2];

    if (!up.n)
        return down.n ? 0 : i;
    if (*up.s == '(' && up.s[up.n - 1] == ')' && !down.n) {
        wt_put_span(k, up);
        return i + 1;
    }
    if (!wt_is_number(up) || (down.n && !wt_is_number(down)))
        return 0;
    if (!down.n) {
        wt_put_text(k, "±");
        wt_put_span(k, up);
        return i + 1;
    }
    wt_put_text(k, *up.s == '+' ? "" : "+");
    wt_put_span(k, up);
    if (*down.s == '-') {
        down.s++;
        down.n--;
    }
    wt_put_text(k, wt_span_starts(down, "−") ? "" : "−");
    wt_put_span(k, down);
    return i + 2;
}

/* Append ×10^e. If the value before it has several parts, it goes in parentheses. */
static bool put_power_of_ten(struct wikitext_work *k, struct wt_span e, bool parts)
{
    if (!e.n)
        return true;
    if (!wt_is_number(e))
        return false;
    if (k->tmp.len && parts) {
        wt_put_front(k, (struct wt_span){"(", 1});
        wt_put_text(k, ")");
    }
    wt_put_text(k, k->tmp.len ? "×10^" : "10^");
    wt_put_span(k, e);
    return true;
}

/* val: 1.99|0.01|e=30|u=kg is "(1.99±0.01)×10^30 kg". */
bool wt_put_val(struct wikitext_work *k, const struct call *c)
{
    static const char *const unit_names_of[] = {"u", "ul", "up", "upl"};
    struct wt_span e = wt_named(k, c, "e"), before = wt_named(k, c, "p");
    size_t i = 1, last = 1;

    if (!wt_only_named(k, c, "e u ul up upl end errend fmt p s sortable debug "))
        return false;
    if (c->at[1].n || !e.n) {
        if (!wt_put_range(k, c, &i) || i + 3 > POSITIONS ||
            !(last = put_uncertainty(k, c, i)) || c->at[last + 1].n)
            return false;
    }
    if (!put_power_of_ten(k, e, last > 1))
        return false;
    wt_put_front(k, before);
    wt_put_span(k, wt_named(k, c, "errend"));
    wt_put_span(k, wt_named(k, c, "end"));
    for (size_t u = 0; u < 4; u++) {
        struct wt_span unit = wt_named(k, c, unit_names_of[u]);

        if (!unit.n)
            continue;
        wt_put_text(k, u >= 2                                                   ? "/"
                       : wt_span_starts(unit, "%") || wt_span_starts(unit, "°") ? ""
                                                                                : " ");
        wt_put_span(k, unit);
    }
    wt_put_span(k, wt_named(k, c, "s"));
    return !wt_has_drop((struct wt_span){k->tmp.data, k->tmp.len});
}

/* True for the exponent of a unit: 2, -1. */
static bool is_exponent(struct wt_span t)
{
    size_t i = t.n && (*t.s == '-' || *t.s == '+');

    if (wt_span_starts(t, "−"))
        i = strlen("−");
    return i < t.n && t.n - i <= 2 && is_digit(t.s[i]);
}

/* unité: 9.8|m|s|-2 is "9.8 m s-2", 5|à|10|km is "5 à 10 km", 5|e=3|m is "5×10^3 m". */
bool wt_put_with_unit(struct wikitext_work *k, const struct call *c)
{
    size_t i = 1;
    bool name = false; /* the argument before is the name of a unit */

    if (!wt_put_range(k, c, &i) || !wt_only_named(k, c, "e ") ||
        !put_power_of_ten(k, wt_named(k, c, "e"), i > 1))
        return false;
    for (i++; i <= POSITIONS && c->at[i].s; i++) {
        struct wt_span t = c->at[i];

        if (!t.n) {
            name = false;
            continue;
        }
        if (wt_has_drop(t) || (!name && wt_is_number(t)) ||
            (name && wt_is_number(t) && !is_exponent(t)))
            return false;
        name = !wt_is_number(t);
        wt_put_text(k, name ? " " : "");
        wt_put_span(k, t);
    }
    return true;
}

/* höhe: 500|DE-NHN is "500 m ü. NHN". The code says what the height is measured from. */
bool wt_put_altitude(struct wikitext_work *k, const struct call *c)
{
    static const char *const rows[][2] = {
        {"DE-NHN", "NHN"}, {"DE-NN", "NN"}, {"DE-HN", "HN"}, {"AT", "A."}, {"CH", "M."}};

    if (!wt_is_number(c->at[1]) || !c->at[2].n)
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (wt_span_is(c->at[2], rows[i][0])) {
            wt_put_span(k, c->at[1]);
            wt_put_text(k, " m ü. ");
            wt_put_text(k, rows[i][1]);
            return true;
        }
    }
    return false;
}

/* The argument with one of these names, which are separated by spaces. */
static struct wt_span any_named(const struct wikitext_work *k, const struct call *c,
                                const char *names)
{
    struct wt_span t = {0};

    for (char name[16]; *names && !t.n; names += strspn(names, " ")) {
        size_t n = strcspn(names, " ");

        memcpy(name, names, n);
        name[n] = '\0';
        t = wt_named(k, c, name);
        names += n;
    }
    return t;
}

/* height: ft=6|in=2 is "6 ft 2 in", m=1.83 is "1.83 m". */
bool wt_put_height(struct wikitext_work *k, const struct call *c)
{
    struct wt_span m = any_named(k, c, "m meter meters metre metres"),
                   cm = any_named(k, c, "cm centimeter centimeters centimetre centimetres"),
                   feet = any_named(k, c, "ft foot feet"),
                   inches = any_named(k, c, "in inch inches"), frac = wt_named(k, c, "frac");

    if (m.n || cm.n) {
        if (!wt_is_number(m.n ? m : cm))
            return false;
        wt_put_span(k, m.n ? m : cm);
        wt_put_text(k, m.n ? " m" : " cm");
        return true;
    }
    if ((feet.n && !wt_is_number(feet)) || (inches.n && !wt_is_number(inches)) ||
        (frac.n && !wt_is_number(frac)) || !(feet.n || inches.n))
        return false;
    wt_put_span(k, feet);
    wt_put_text(k, feet.n ? " ft" : "");
    if (inches.n || frac.n) {
        wt_put_text(k, feet.n ? " " : "");
        wt_put_number(k, inches);
        wt_put_text(k, inches.n && frac.n ? " " : "");
        wt_put_span(k, frac);
        wt_put_text(k, " in");
    }
    return true;
}
