#include "corpus/modu_form.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "corpus/plain.h"

enum { MARK_BYTES = 96, ENTITY_BYTES = 12 };

const char *const modu_marks_names[] = {"drop", "clean", "keep", NULL};

/* --- HTML */

static bool is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool is_html(const char *s, const char *end)
{
    while (s < end && (*s == ' ' || *s == '\n' || *s == '\r' || *s == '\t'))
        s++;
    return end - s >= 3 && (strncasecmp(s, "<p>", 3) == 0 || strncasecmp(s, "<p ", 3) == 0);
}

/* The length of the tag at s, 0 if it is none. `gt` is the first > behind s. */
static size_t tag(const char *s, const char *gt)
{
    const char *name = s + 1 + (s[1] == '/');

    return is_letter(*name) ? (size_t)(gt - s) + 1 : 0;
}

static bool ends_line(const char *s)
{
    return strncasecmp(s, "<br", 3) == 0 || strncasecmp(s, "</p", 3) == 0 ||
           strncasecmp(s, "</div", 5) == 0 || strncasecmp(s, "</li", 4) == 0;
}

/* The character of "&#44032;" or "&#xAC00;" between s and the semicolon; 0 if it is none. */
static uint32_t numeric(const char *s, const char *semicolon)
{
    uint32_t base = 10, cp = 0;

    if (s < semicolon && (*s | 32) == 'x') {
        base = 16;
        s++;
    }
    for (; s < semicolon && cp < 0x110000; s++) {
        uint32_t digit = *s >= '0' && *s <= '9' ? (uint32_t)(*s - '0')
                         : is_letter(*s)        ? (uint32_t)((*s | 32) - 'a' + 10)
                                                : 99;

        if (digit >= base)
            return 0;
        cp = cp * base + digit;
    }
    return cp >= 0x110000 || (cp >= 0xD800 && cp < 0xE000) ? 0 : cp;
}

/* Decode the entity at s into `out`. Returns its length in s, 0 if it is not known. */
static size_t entity(char out[UTF8_MAX_BYTES], size_t *n, const char *s, const char *end)
{
    static const struct {
        const char *name, *text;
    } known[] = {{"amp", "&"},   {"lt", "<"},    {"gt", ">"},     {"quot", "\""},
                 {"apos", "'"},  {"nbsp", " "},  {"middot", "·"}, {"hellip", "…"},
                 {"lsquo", "‘"}, {"rsquo", "’"}, {"ldquo", "“"},  {"rdquo", "”"},
                 {"ndash", "–"}, {"mdash", "—"}, {"bull", "•"},   {"times", "×"}};
    size_t far = (size_t)(end - s) < ENTITY_BYTES ? (size_t)(end - s) : ENTITY_BYTES;
    const char *semicolon = memchr(s, ';', far);
    size_t len = semicolon ? (size_t)(semicolon - s) - 1 : 0;
    uint32_t cp;

    if (len && s[1] == '#') {
        if (!(cp = numeric(s + 2, semicolon)))
            return 0;
        *n = utf8_encode(out, cp);
        return len + 2;
    }
    for (size_t i = 0; len && i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i].name) == len && memcmp(known[i].name, s + 1, len) == 0) {
            *n = strlen(known[i].text);
            memcpy(out, known[i].text, *n);
            return len + 2;
        }
    }
    return 0;
}

/* Remove tags and decode entities. The output is never longer than what was read, because every
 * tag and entity is longer than its meaning. */
static void strip_html(struct buf *to, const char *s, size_t n)
{
    const char *end = s + n, *gt = memchr(s, '>', n);
    char *out = to->data;

    while (s < end) {
        size_t len = 0, put = 0;

        if (gt && gt < s)
            gt = memchr(s, '>', (size_t)(end - s));
        if (*s == '<' && gt && (len = tag(s, gt)) > 0 && ends_line(s))
            *out++ = '\n';
        else if (*s == '&')
            len = entity(out, &put, s, end);
        out += put;
        if (len)
            s += len;
        else
            *out++ = *s++;
    }
    to->len = (size_t)(out - to->data);
}

int modu_paragraph(struct buf *to, const char *form, size_t n, struct buf *scratch)
{
    if (!is_html(form, form + n))
        return plain_put(to, form, n, true);
    buf_clear(scratch);
    if (buf_reserve(scratch, n + UTF8_MAX_BYTES) != RF_OK)
        return RF_ENOMEM;
    strip_html(scratch, form, n);
    return plain_put(to, scratch->data, scratch->len, true);
}

/* --- marks */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* True if a word may end here. */
static bool is_border(const char *s, const char *end)
{
    return s == end || is_space(*s) || strchr(".,?!", *s);
}

/* The length of {laughing} or {share: photo} at s; 0 if there is none. */
static size_t marker(const char *s, const char *end)
{
    size_t far = (size_t)(end - s) < MARK_BYTES ? (size_t)(end - s) : MARK_BYTES;
    const char *close = memchr(s, '}', far);

    if (!close || memchr(s + 1, '{', (size_t)(close - s) - 1))
        return 0;
    return (size_t)(close - s) + 1;
}

/* The length of -cut off- at s, which must stand between spaces; 0 if there is none. */
static size_t cut_off(const char *first, const char *s, const char *end)
{
    const char *far = end - s < MARK_BYTES ? end : s + MARK_BYTES;

    if ((s > first && !is_space(s[-1])) || end - s < 3 || is_space(s[1]) || s[1] == '-' ||
        (s[1] >= '0' && s[1] <= '9'))
        return 0;
    for (const char *p = s + 2; p < far; p++)
        if (*p == '-')
            return is_space(p[-1]) || !is_border(p + 1, end) ? 0 : (size_t)(p - s) + 1;
    return 0;
}

/* Returns the )) of the ((guess)) at s, NULL if there is none. *heard: the guess is neither
 * empty nor xx. */
static const char *guess(const char *s, const char *end, bool *heard)
{
    const char *far = end - s < MARK_BYTES ? end : s + MARK_BYTES;

    *heard = false;
    if (end - s < 4 || s[1] != '(')
        return NULL;
    for (const char *p = s + 2; p + 1 < far; p++) {
        if (p[0] == ')' && p[1] == ')')
            return p;
        if (p[0] == '(' && p[1] == '(')
            return NULL;
        *heard |= *p != 'x' && *p != 'X' && !is_space(*p);
    }
    return NULL;
}

/* How many bytes at s must be removed from a transcription; 0: none. *close is set to a )) that
 * must be removed later. */
static size_t transcript_mark(const char *first, const char *s, const char *end,
                              const char **close)
{
    const char *p;
    bool heard;

    if (s == *close)
        return 2;
    if (*s == '-')
        return cut_off(first, s, end);
    if (*s == '~')
        return s > first && !is_space(s[-1]) && !(s[-1] >= '0' && s[-1] <= '9') &&
               is_border(s + 1, end);
    if (*s != '(' || !(p = guess(s, end, &heard)))
        return 0;
    if (!heard)
        return (size_t)(p - s) + 2;
    *close = p;
    return 2;
}

/* Remove the marks. The output is never longer than what was read. */
static void strip_marks(struct buf *to, const char *s, size_t n, bool transcript,
                        uint64_t *gone)
{
    const char *first = s, *end = s + n, *close = NULL;
    char *out = to->data;

    while (s < end) {
        size_t len = 0;

        if (*s == '{' && (len = marker(s, end)) > 0)
            *out++ = ' ';
        else if (transcript && (*s == '(' || *s == ')' || *s == '-' || *s == '~'))
            len = transcript_mark(first, s, end, &close);
        if (len) {
            *gone += s != close;
            s += len;
        } else {
            *out++ = *s++;
        }
    }
    to->len = (size_t)(out - to->data);
}

int modu_utterance(struct buf *to, const char *form, size_t n, enum modu_marks marks,
                   bool spoken, struct buf *scratch, uint64_t *gone)
{
    if (marks == MODU_KEEP)
        return plain_put_line(to, form, n);
    buf_clear(scratch);
    if (buf_reserve(scratch, n) != RF_OK)
        return RF_ENOMEM;
    strip_marks(scratch, form, n, spoken && marks == MODU_CLEAN, gone);
    return plain_put_line(to, scratch->data, scratch->len);
}

/* --- counting */

/* The length of &name&, &tel-num1& or &other(s)& at s; 0 if there is none. */
static size_t stand_in(const char *s, const char *end)
{
    const char *p = s + 1;

    while (p < end && p - s < MARK_BYTES &&
           ((*p >= 'a' && *p <= 'z') || *p == '-' || *p == '(' || *p == ')'))
        p++;
    if (p == s + 1)
        return 0;
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p < end && *p == '&' ? (size_t)(p - s) + 1 : 0;
}

void modu_count_text(struct modu_counts *counts, const char *s, size_t n)
{
    const char *end = s + n;

    while (s < end) {
        unsigned char c = (unsigned char)*s, d;
        size_t len = 1;

        if (c == '&') {
            size_t name = stand_in(s, end);

            counts->anonymised += name > 0;
            len = name ? name : 1;
        } else if (c >= 0xEE) { /* U+E000 to U+F8FF and planes 15 and 16 */
            d = (unsigned char)s[1];
            counts->private_use +=
                c == 0xEE || (c == 0xEF && d < 0xA4) || (c == 0xF3 && d >= 0xB0) || c == 0xF4;
        }
        s += len;
    }
}
