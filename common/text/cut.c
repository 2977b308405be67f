#include "text/cut.h"

#include <string.h>

#include "base/utf8.h"
#include "text/unicode.h"

enum { SPECIAL_BYTES = 8 }; /* a special token has fewer bytes and stands in [ and ] */

/* True if the text may be cut before its byte i, where a character must begin. */
static bool can_cut(const char *text, size_t i)
{
    uint32_t cp;

    utf8_next(&cp, text + i);
    if (cp == ']') {
        size_t near = i < SPECIAL_BYTES ? i : SPECIAL_BYTES;

        return !memchr(text + i - near, '[', near);
    }
    return cp == ' ' || uni_class(cp) & (UNI_SPACE | UNI_CJK | UNI_PUNCT);
}

static size_t last_cut(const char *text, size_t from, size_t len)
{
    for (size_t i = len; i-- > from && i > 0;)
        if ((text[i] & 0xC0) != 0x80 && can_cut(text, i))
            return i;
    return 0;
}

/* True if normalising removes the character. Its only effect can then be on the
 * order of marks. */
static bool vanishes(uint32_t cp, bool strip)
{
    unsigned class = uni_class(cp);
    const struct uni_map *row;

    if (class & UNI_DROP)
        return true;
    if (!strip || !(class & UNI_STRIP) || (cp >= 0xAC00 && cp <= 0xD7A3))
        return false;
    row = uni_find(uni_strip, uni_strip_n, cp);
    return !row || !row->to[0];
}

/* True if the character parts the combining marks around it, though it vanishes itself. One of
 * a run of such characters must stay, so that the marks keep their order. */
static bool parts_marks(uint32_t cp)
{
    return !(uni_class(cp) & (UNI_DROP | UNI_MARK));
}

/* Remove from s[n] the characters that vanish. Returns the new length. */
static size_t squeeze(char *s, size_t n, bool strip)
{
    size_t to = 0;
    bool parted = false;

    for (size_t i = 0, len; i < n; i += len) {
        uint32_t cp;

        len = utf8_next(&cp, s + i);
        if (vanishes(cp, strip)) {
            if (parted || !parts_marks(cp))
                continue;
            parted = true;
        } else {
            parted = false;
        }
        memmove(s + to, s + i, len);
        to += len;
    }
    return to;
}

/* If s begins with [, returns where to cut behind it: behind the ] of what may be a special
 * token, or behind the [ alone. Else 0. */
static size_t after_bracket(const char *s, size_t n)
{
    const char *end = memchr(s, ']', n < SPECIAL_BYTES ? n : SPECIAL_BYTES);

    if (*s != '[')
        return 0;
    return end ? (size_t)(end - s) + 1 : 1;
}

/* Called if there was no place to cut for a long time: make the waiting word shorter. *n is
 * then the number of bytes that can be handed out. */
static int shorten(struct cutter *c, size_t *n, struct errbuf *eb)
{
    *n = 0;
    if (c->longest)
        return c->rest.len < c->longest
                   ? RF_OK
                   : err_set(eb, RF_ERANGE, "a word in line %llu of '%s' has %zu bytes or more",
                             (unsigned long long)lines_number(c->lines), lines_name(c->lines),
                             c->longest);
    if ((*n = after_bracket(c->rest.data, c->rest.len)))
        return RF_OK;
    c->rest.len = squeeze(c->rest.data, c->rest.len, c->strip);
    if (c->rest.len > CUT_WORD_BYTES) {
        *n = c->rest.len;
        c->skipping = true;
    }
    return RF_OK;
}

/* Skip the rest of a long word. */
static void skip(struct cutter *c, const char **text, size_t *len)
{
    size_t i = 0;

    while (i < *len && ((*text)[i] & 0xC0) == 0x80)
        i++;
    while (i < *len && (((*text)[i] & 0xC0) == 0x80 || !can_cut(*text, i)))
        i++;
    c->skipping = i == *len;
    *text += i;
    *len -= i;
}

int cutter_next(struct cutter *c, const char **text, size_t *len, bool *more, struct errbuf *eb)
{
    for (;;) {
        size_t waiting, cut = 0;
        int rc;

        if (c->handed) {
            c->rest.len -= c->handed;
            memmove(c->rest.data, c->rest.data + c->handed, c->rest.len);
            c->handed = 0;
        }
        if ((rc = lines_next(c->lines, text, len, eb)) != 1)
            return rc;
        *more = lines_more(c->lines);
        if (c->skipping)
            skip(c, text, len);
        waiting = c->rest.len;
        if (!*more) {
            c->skipping = false;
            if (!waiting) /* a whole line, or its end: no copy is needed */
                return 1;
        }
        if (buf_put(&c->rest, *text, *len) != RF_OK)
            return err_nomem(eb);
        cut = *more ? last_cut(c->rest.data, waiting, c->rest.len) : c->rest.len;
        if (!cut && c->rest.len > CUT_WORD_BYTES && (rc = shorten(c, &cut, eb)) != RF_OK)
            return rc;
        c->handed = cut;
        *text = c->rest.data;
        *len = cut;
        if (cut || !*more)
            return 1;
    }
}

void cutter_free(struct cutter *c)
{
    buf_free(&c->rest);
}
