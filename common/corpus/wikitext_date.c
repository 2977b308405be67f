/* wikitext_date.c: templates that show dates, years, centuries and ages. */
#include <stdio.h>

#include "corpus/wikitext_parts.h"

static bool has_no_markup(struct wt_span t)
{
    return t.s && t.n && !wt_has_drop(t);
}

/* The number that t is, or 0 if it is not one of up to four digits. */
static unsigned small_number(struct wt_span t)
{
    unsigned x = 0;

    if (!t.n || t.n > 4)
        return 0;
    for (size_t i = 0; i < t.n; i++) {
        if (!is_digit(t.s[i]))
            return 0;
        x = 10 * x + (unsigned)(t.s[i] - '0');
    }
    return x;
}

/* 2009-03-05 */
static bool is_iso_date(struct wt_span t)
{
    static const char form[] = "0000-00-00";

    if (t.n != strlen(form))
        return false;
    for (size_t i = 0; i < t.n; i++)
        if (form[i] == '-' ? t.s[i] != '-' : !is_digit(t.s[i]))
            return false;
    return true;
}

/* Write year, month and day in English: "5 March 2009", or "March 5, 2009". */
static bool put_english_date(struct wikitext_work *k, const struct call *c, bool month_first)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    struct wt_span year = c->at[1], month = c->at[2], day = c->at[3];
    unsigned number = small_number(month);

    if (!has_no_markup(year) || (day.n && (!month.n || !small_number(day))))
        return false;
    if (month.n) {
        if (number > 12 || (!number && (!has_no_markup(month) || is_digit(*month.s))))
            return false;
        if (day.n && !month_first) {
            wt_put_span(k, day);
            wt_put_text(k, " ");
        }
        if (number)
            wt_put_text(k, months[number - 1]);
        else
            wt_put_span(k, month);
        if (day.n && month_first) {
            wt_put_text(k, " ");
            wt_put_span(k, day);
            wt_put_text(k, ",");
        }
        wt_put_text(k, " ");
    }
    wt_put_span(k, year);
    return true;
}

/* as of: 2009|3|5 is "As of 5 March 2009". */
bool wt_put_as_of(struct wikitext_work *k, const struct call *c)
{
    struct wt_span alt = wt_named(k, c, "alt"), pre = wt_named(k, c, "pre"),
                   post = wt_named(k, c, "post");
    bool lower = wt_named(k, c, "lc").n, since = wt_named(k, c, "since").n;

    if (alt.n) {
        wt_put_span(k, alt);
        return true;
    }
    if (!wt_named(k, c, "bare").n)
        wt_put_text(k, since ? lower ? "since " : "Since " : lower ? "as of " : "As of ");
    if (pre.n) {
        wt_put_span(k, pre);
        wt_put_text(k, " ");
    }
    if (!put_english_date(k, c, wt_span_is(wt_named(k, c, "df"), "US")))
        return false;
    wt_put_span(k, post);
    return true;
}

/* date: 5|mars|2009 is "5 mars 2009" (the French template), 2009-03-05 stays. */
bool wt_put_date(struct wikitext_work *k, const struct call *c)
{
    struct wt_span day = c->at[1], month = c->at[2], year = c->at[3];

    if (is_iso_date(day) || (has_no_markup(day) && !month.s && !small_number(day))) {
        wt_put_span(k, day);
        return true;
    }
    if (!has_no_markup(month) || is_digit(*month.s) || (year.n && !small_number(year)) ||
        (day.n && !(small_number(day) <= 31 && is_digit(*day.s) && has_no_markup(day))))
        return false;
    if (day.n) {
        wt_put_span(k, day);
        wt_put_text(k, wt_span_is(day, "1") ? "er " : " ");
    }
    wt_put_span(k, month);
    if (year.n) {
        wt_put_text(k, " ");
        wt_put_span(k, year);
    }
    return true;
}

/* oldstyledate: 5 March|1690|22 February is "5 March [O.S. 22 February] 1690"; the Russian
 * 20|ноября|1858|8 is "8 (20) ноября 1858", 3|марта|1861|19|февраля is
 * "19 февраля (3 марта) 1861". */
bool wt_put_old_style(struct wikitext_work *k, const struct call *c)
{
    const struct wt_span *at = c->at;

    for (size_t i = 1; i <= 4; i++)
        if (at[i].n ? !has_no_markup(at[i]) : i < 4)
            return false;
    if (at[6].n || (at[5].n && !has_no_markup(at[5])))
        return false;
    if (!at[4].n) {
        if (!small_number(at[2]) || !is_digit(*at[3].s))
            return false;
        wt_put_span(k, at[1]);
        wt_put_text(k, " [O.S. ");
        wt_put_span(k, at[3]);
        wt_put_text(k, "] ");
        wt_put_span(k, at[2]);
        return true;
    }
    if (!small_number(at[1]) || small_number(at[2]) || !small_number(at[3]) ||
        !small_number(at[4]))
        return false;
    wt_put_span(k, at[4]);
    wt_put_text(k, " ");
    if (at[5].n) {
        wt_put_span(k, at[5]);
        wt_put_text(k, " ");
    }
    wt_put_text(k, "(");
    wt_put_span(k, at[1]);
    if (at[5].n) {
        wt_put_text(k, " ");
        wt_put_span(k, at[2]);
    }
    wt_put_text(k, ") ");
    if (!at[5].n) {
        wt_put_span(k, at[2]);
        wt_put_text(k, " ");
    }
    wt_put_span(k, at[3]);
    return true;
}

static bool is_roman(struct wt_span t)
{
    for (size_t i = 0; i < t.n; i++)
        if (t.s[i] == '\0' || !strchr("IVXLC", t.s[i]))
            return false;
    return t.n > 0;
}

/* s-: XIX|e is "XIXe", XVII|e|au|XVIII|e is "XVIIe au XVIIIe", XIX|e|XX|e is "XIXe et XXe". */
bool wt_put_century(struct wikitext_work *k, const struct call *c)
{
    size_t i = 1;

    for (;;) {
        struct wt_span roman = c->at[i], ending = c->at[i + 1], between = c->at[i + 2];

        if (!is_roman(roman) ||
            !(wt_span_is(ending, "e") || wt_span_is(ending, "er") || wt_span_is(ending, "re")))
            return false;
        wt_put_span(k, roman);
        wt_put_span(k, ending);
        if (!between.n)
            return true;
        if (i > 1 || !has_no_markup(between))
            return false;
        if (is_roman(between)) {
            wt_put_text(k, " et ");
            i += 2;
        } else {
            wt_put_text(k, " ");
            wt_put_span(k, between);
            wt_put_text(k, " ");
            i += 3;
        }
    }
}

/* s: the French template of a century, or in Russian one of text that is not broken. */
bool wt_put_s(struct wikitext_work *k, const struct call *c)
{
    if (c->top == 1 && has_no_markup(c->at[1])) {
        wt_put_span(k, c->at[1]);
        return true;
    }
    if (!wt_put_century(k, c))
        return false;
    wt_put_text(k, " siècle");
    return true;
}

/* siglo: XIX||s is "siglo XIX", V|a is "V a. C." */
bool wt_put_siglo(struct wikitext_work *k, const struct call *c)
{
    struct wt_span era = c->at[2], word = c->at[3];

    if (!is_roman(c->at[1]) || c->at[4].n)
        return false;
    if (wt_span_is(word, "s") || wt_span_is(word, "S"))
        wt_put_text(k, *word.s == 's' ? "siglo " : "Siglo ");
    else if (word.n)
        return false;
    wt_put_span(k, c->at[1]);
    if (wt_span_is(era, "a") || wt_span_is(era, "d"))
        wt_put_text(k, *era.s == 'a' ? " a. C." : " d. C.");
    else if (era.n)
        return false;
    return true;
}

/* fl.: 1200|1210 is "1200–1210". */
bool wt_put_years(struct wikitext_work *k, const struct call *c)
{
    if (!c->at[1].s)
        return true; /* the years follow in the text */
    if (!has_no_markup(c->at[1]) || (c->at[2].n && !has_no_markup(c->at[2])) || c->at[3].n)
        return false;
    wt_put_span(k, c->at[1]);
    if (c->at[2].n) {
        wt_put_text(k, "–");
        wt_put_span(k, c->at[2]);
    }
    return true;
}

/* circa: 1200|1210 is "c. 1200 – c. 1210". */
bool wt_put_circa(struct wikitext_work *k, const struct call *c)
{
    wt_put_text(k, "c. ");
    if (!c->at[1].s)
        return true;
    if (!has_no_markup(c->at[1]) || (c->at[2].n && !has_no_markup(c->at[2])) || c->at[3].n)
        return false;
    wt_put_span(k, c->at[1]);
    if (c->at[2].n) {
        wt_put_text(k, " – c. ");
        wt_put_span(k, c->at[2]);
    }
    return true;
}

/* age: of year, month, day of birth and of another date, the years between. Without the second
 * date it is the age on the day when the page is read. */
bool wt_put_age(struct wikitext_work *k, const struct call *c)
{
    unsigned x[7], years;
    char text[16];

    for (size_t i = 1; i <= 6; i++)
        if (!(x[i] = small_number(c->at[i])))
            return false;
    if (x[4] < x[1] || c->at[7].n)
        return false;
    years = x[4] - x[1];
    if (100 * x[5] + x[6] < 100 * x[2] + x[3]) {
        if (years == 0)
            return false;
        years--;
    }
    (void)snprintf(text, sizeof text, "%u", years);
    wt_put_text(k, text);
    return true;
}
