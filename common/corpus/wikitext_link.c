/* wikitext_link.c: [[links]] and -{language variants}-. */
#include <stdlib.h>
#include <strings.h>

#include "corpus/mediawiki_tables.h"
#include "corpus/wikitext_parts.h"

/* Replace flat from `start` on by t, which lies in flat behind `start`. */
static void replace(struct wikitext_work *k, size_t start, struct wt_span t)
{
    memmove(k->flat.data + start, t.s, t.n);
    k->flat.len = start + t.n;
}

static void drop(struct wikitext_work *k, size_t start, enum wikitext_kind kind)
{
    wt_count(k, kind, "", 0);
    k->flat.len = start;
    wt_mark(k, &k->flat, MARK_DROP);
}

/* True for 300, 300x200, x200 and 1.5. */
static bool is_size(struct wt_span t)
{
    bool digit = false;

    for (size_t i = 0; i < t.n; i++) {
        if (!is_digit(t.s[i]) && t.s[i] != 'x' && t.s[i] != '.')
            return false;
        digit |= is_digit(t.s[i]);
    }
    return digit;
}

/* True if t is an option of a file in some language, and not its caption: thumb, 섬네일, 250px,
 * alt=... */
static bool is_option(struct wt_span t)
{
    if (bsearch(&t, mediawiki_options, mediawiki_options_n, sizeof(char *), wt_by_word))
        return true;
    for (size_t i = 0; i < mediawiki_option_heads_n; i++) {
        const char *head = mediawiki_option_heads[i];
        size_t n = strlen(head);

        if (wt_span_starts(t, head) &&
            (head[n - 1] == '=' || is_size((struct wt_span){t.s + n, t.n - n})))
            return true;
    }
    if (!t.n || (!is_digit(*t.s) && *t.s != 'x'))
        return false;
    for (size_t i = 0; i < mediawiki_option_tails_n; i++) {
        const char *tail = mediawiki_option_tails[i];

        if (wt_span_ends(t, tail) &&
            is_size(wt_span_trim((struct wt_span){t.s, t.n - strlen(tail)})))
            return true;
    }
    return wt_span_starts(t, "thumbtime=") || wt_span_starts(t, "start=") ||
           wt_span_starts(t, "end=");
}

/* Take the part behind the last | off `inside`. {NULL}: there is none. */
static struct wt_span last_part(struct wt_span *inside)
{
    const char *pipe = memrchr(inside->s, '|', inside->n);
    struct wt_span part = {NULL, 0};

    if (!pipe)
        return part;
    part = (struct wt_span){pipe + 1, inside->n - (size_t)(pipe + 1 - inside->s)};
    inside->n = (size_t)(pipe - inside->s);
    return wt_span_trim(part);
}

/* The caption is the last part that is no option, as in MediaWiki. */
static void drop_file(struct wikitext_work *k, size_t start, struct wt_span inside)
{
    struct wt_span caption = {NULL, 0};

    if (k->w->cfg.captions)
        do
            caption = last_part(&inside);
        while (caption.n && is_option(caption));
    if (!caption.n) {
        drop(k, start, WIKITEXT_FILE);
        return;
    }
    wt_count(k, WIKITEXT_FILE, "", 0);
    memmove(k->flat.data + start + 1, caption.s, caption.n);
    k->flat.data[start] = MARK_BREAK;
    k->flat.len = start + 1 + caption.n;
    wt_mark(k, &k->flat, MARK_BREAK);
}

static bool has_file_ending(struct wt_span target)
{
    static const char *const endings[] = {".jpg", ".jpeg", ".png",  ".gif", ".svg", ".webp",
                                          ".tif", ".tiff", ".djvu", ".pdf", ".xcf", ".bmp",
                                          ".ogg", ".oga",  ".ogv",  ".mp3", ".mp4", ".mid",
                                          ".wav", ".flac", ".opus", ".webm"};
    const char *dot = memrchr(target.s, '.', target.n);
    size_t n = dot ? target.n - (size_t)(dot - target.s) : 0;

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strlen(endings[i]) == n && strncasecmp(dot, endings[i], n) == 0)
            return true;
    return false;
}

/* True if one of the last parts of a link is an option. */
static bool has_option(struct wt_span inside)
{
    struct wt_span part;

    for (int left = 16; left && (part = last_part(&inside)).s; left--)
        if (is_option(part))
            return true;
    return false;
}

/* Returns what a link is counted as if it shows no text, and WIKITEXT_KINDS if it shows some.
 * `colon` is the end of its namespace. A name that only another language has for files needs
 * the ending of a file behind it, or an option such as a width; one that no language has needs
 * both. Behind a foreign name for categories there is no space, as there is in titles. */
static enum wikitext_kind link_kind(const struct wikitext_work *k, struct wt_span target,
                                    const char *colon, struct wt_span inside)
{
    struct wt_span head = wt_span_trim((struct wt_span){target.s, (size_t)(colon - target.s)});
    int ns = namespaces_find(k->ns, head.s, head.n), guess;

    if (ns == NS_FILE || ns == NS_MEDIA)
        return WIKITEXT_FILE;
    if (ns == NS_CATEGORY)
        return WIKITEXT_CATEGORY;
    if (ns != NS_ARTICLE)
        return WIKITEXT_KINDS;
    if (wt_is_language(head.s, head.n))
        return WIKITEXT_LANGUAGE;
    guess = namespaces_guess(head.s, head.n);
    if (guess == NS_CATEGORY && ((unsigned char)*head.s >= 0x80 ||
                                 (colon + 1 < target.s + target.n && !is_blank(colon[1]))))
        return WIKITEXT_CATEGORY;
    if (guess == NS_FILE || guess == NS_MEDIA)
        return has_file_ending(target) || has_option(inside) ? WIKITEXT_FILE : WIKITEXT_KINDS;
    return has_file_ending(target) && has_option(inside) ? WIKITEXT_FILE : WIKITEXT_KINDS;
}

/* Returns the text that [[a:b (c)|]] shows: "b". */
static struct wt_span pipe_trick(struct wt_span target)
{
    const char *cut = memchr(target.s, ':', target.n);

    if (cut) {
        target.n -= (size_t)(cut + 1 - target.s);
        target.s = cut + 1;
    }
    if ((target.n && target.s[target.n - 1] == ')' &&
         (cut = memrchr(target.s, '(', target.n))) ||
        (cut = memmem(target.s, target.n, ", ", 2)))
        target.n = (size_t)(cut - target.s);
    return wt_span_trim(target);
}

static bool is_target(struct wt_span t)
{
    static const char bad[256] = {
        ['['] = 1, [']'] = 1, ['{'] = 1, ['}'] = 1, ['<'] = 1, ['>'] = 1, ['\n'] = 1};

    for (size_t i = 0; i < t.n; i++)
        if (bad[(unsigned char)t.s[i]])
            return false;
    return t.n > 0;
}

bool wt_link(struct wikitext_work *k, size_t start)
{
    struct wt_span inside = {k->flat.data + start + 2, k->flat.len - start - 2}, text;
    const char *pipe = memchr(inside.s, '|', inside.n), *colon;
    struct wt_span target = {inside.s, pipe ? (size_t)(pipe - inside.s) : inside.n};
    bool plain;

    target = wt_span_trim(target);
    plain = target.n && *target.s == ':'; /* [[:File:x]] is a link to the file */
    if (plain)
        target = wt_span_trim((struct wt_span){target.s + 1, target.n - 1});
    if (!plain && target.n && (colon = memchr(target.s, ':', target.n))) {
        enum wikitext_kind kind = link_kind(k, target, colon, inside);

        if (kind == WIKITEXT_FILE)
            drop_file(k, start, inside);
        else if (kind != WIKITEXT_KINDS)
            drop(k, start, kind);
        if (kind != WIKITEXT_KINDS)
            return true;
    }
    if (!is_target(target) || wt_is_url(target))
        return false;
    if (!pipe)
        text = target;
    else if (pipe + 1 == inside.s + inside.n)
        text = pipe_trick(target);
    else
        text = (struct wt_span){pipe + 1, inside.n - (size_t)(pipe + 1 - inside.s)};
    replace(k, start, text);
    return true;
}

/* True for zh-hans, sr-el, zh. */
static bool is_variant(struct wt_span t)
{
    size_t letters = 0;

    for (size_t i = 0; i < t.n; i++) {
        if (!((t.s[i] >= 'a' && t.s[i] <= 'z') || (t.s[i] == '-' && i)))
            return false;
        letters += t.s[i] != '-';
    }
    return letters == 2 || (memchr(t.s, '-', t.n) && letters >= 4 && letters <= 12);
}

/* True for a rule that applies elsewhere and shows nothing here: H|, T|, D|, -|. */
static bool is_hidden(struct wt_span flags)
{
    for (size_t i = 0; i < flags.n; i++)
        if (flags.s[i] >= 'a' && flags.s[i] <= 'z')
            return false; /* these are names of variants */
    return memchr(flags.s, 'H', flags.n) || memchr(flags.s, 'T', flags.n) ||
           memchr(flags.s, 'D', flags.n) || memchr(flags.s, '-', flags.n);
}

/* Of -{zh-hans:a;zh-hant:b}- returns the text of the variant that was asked for, else
 * the first text. */
static struct wt_span choose_variant(const struct wikitext_work *k, struct wt_span all)
{
    const char *want = k->w->cfg.variant;
    struct wt_span first = {NULL, 0}, rest = all;

    while (rest.n) {
        const char *semicolon = memchr(rest.s, ';', rest.n), *colon;
        struct wt_span part = {rest.s, semicolon ? (size_t)(semicolon - rest.s) : rest.n}, code;

        rest.s += part.n + (semicolon != NULL);
        rest.n -= part.n + (semicolon != NULL);
        part = wt_span_trim(part);
        if (!(colon = memchr(part.s, ':', part.n)))
            continue;
        code = wt_span_trim((struct wt_span){part.s, (size_t)(colon - part.s)});
        part.n -= (size_t)(colon + 1 - part.s);
        part.s = colon + 1;
        if (!is_variant(code))
            return all; /* the colon belongs to the text */
        if (want && code.n == strlen(want) && memcmp(code.s, want, code.n) == 0)
            return wt_span_trim(part);
        if (!first.s)
            first = wt_span_trim(part);
    }
    return first.s ? first : all;
}

void wt_variant(struct wikitext_work *k, size_t start)
{
    struct wt_span inside = {k->flat.data + start + 2, k->flat.len - start - 2};
    const char *pipe = memchr(inside.s, '|', inside.n);

    if (pipe) {
        struct wt_span flags = {inside.s, (size_t)(pipe - inside.s)};

        inside.n = is_hidden(flags) ? 0 : inside.n - flags.n - 1;
        inside.s = pipe + 1;
    }
    if (inside.n == 0) {
        k->flat.len = start;
        wt_mark(k, &k->flat, MARK_NOTHING);
        return;
    }
    replace(k, start, choose_variant(k, inside));
}
