#include "corpus/plain.h"

#include <string.h>

enum { OTHER, NOTHING, SPACE, BREAK };

static const unsigned char class_of[256] = {
    ['\0'] = NOTHING, ['\t'] = SPACE, ['\v'] = SPACE, ['\f'] = SPACE,
    [' '] = SPACE,    ['\n'] = BREAK, ['\r'] = BREAK};

/* Copy s[n] with its white space squeezed. `broken`: an LF is due before the next character;
 * `spaced`: a space is. */
static char *squeeze(char *out, const char *s, size_t n, bool breaks)
{
    const char *first = out, *end = s + n;
    bool broken = false, spaced = false;

    while (s < end) {
        unsigned class = class_of[(unsigned char)*s];

        if (class == OTHER) {
            if ((broken || spaced) && out > first)
                *out++ = broken ? '\n' : ' ';
            broken = spaced = false;
            do
                *out++ = *s++;
            while (s < end && class_of[(unsigned char)*s] == OTHER);
            continue;
        }
        broken |= class == BREAK && breaks;
        spaced |= class != NOTHING;
        s++;
    }
    return out;
}

static int put_text(struct buf *to, const char *s, size_t n, bool breaks, bool ended)
{
    char *out, *end;

    if (buf_reserve(to, n + 1) != RF_OK)
        return RF_ENOMEM;
    out = to->data + to->len;
    end = squeeze(out, s, n, breaks);
    if (ended && end > out)
        *end++ = '\n';
    *end = '\0';
    to->len = (size_t)(end - to->data);
    return RF_OK;
}

int plain_put(struct buf *to, const char *s, size_t n, bool breaks)
{
    return put_text(to, s, n, breaks, true);
}

int plain_put_line(struct buf *to, const char *s, size_t n)
{
    return put_text(to, s, n, false, false);
}

uint64_t plain_count_nul(const struct buf *text)
{
    size_t at = 0;
    uint64_t n = 0;

    while (at < text->len) {
        const char *nul = memchr(text->data + at, '\0', text->len - at);

        at = nul ? (size_t)(nul - text->data) + 1 : text->len;
        n += nul != NULL;
    }
    return n;
}

int plain_print(struct text_out *out, const struct buf *lines, struct errbuf *eb)
{
    const char *s = lines->data, *end = s + lines->len;
    int rc = RF_OK;

    while (rc == RF_OK && s < end) {
        const char *lf = memchr(s, '\n', (size_t)(end - s));
        size_t n = lf ? (size_t)(lf - s) : (size_t)(end - s);

        rc = text_out_line(out, s, n, eb);
        s += n + 1;
    }
    return rc;
}
