#include "base/json_put.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/utf8.h"

static int put_special(struct buf *to, char c, enum json_controls how)
{
    static const char letters[' '] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    char escape[] = {'\\', c};

    if ((unsigned char)c < ' ') {
        escape[1] = letters[(unsigned char)c];
        if (how == JSON_CODES || !escape[1])
            return buf_printf(to, how == JSON_CODES ? "\\u%04x" : "\\u%04X", (unsigned)c);
    }
    return buf_put(to, escape, sizeof escape);
}

int json_put_escaped(struct buf *to, const char *s, size_t n, enum json_controls how)
{
    const char *end = s + n;
    int rc = RF_OK;

    while (rc == RF_OK && s < end) {
        bool ascii;
        const char *q = json_special(s, end, &ascii);

        rc = buf_put(to, s, (size_t)(q - s));
        if (rc == RF_OK && q < end)
            rc = put_special(to, *q++, how);
        s = q;
    }
    return rc;
}

int json_put_string(struct buf *to, const char *s, size_t n, enum json_controls how)
{
    if (utf8_check(s, n) < n)
        return RF_EINVAL;
    if (buf_put(to, "\"", 1) != RF_OK || json_put_escaped(to, s, n, how) != RF_OK)
        return RF_ENOMEM;
    return buf_put(to, "\"", 1);
}

int json_put_real(struct buf *to, double x, int digits)
{
    char text[32]; /* with 17 digits, a sign, a point and an exponent make at most 24 characters
                    */
    const char *e;

    assert(isfinite(x) && digits > 0 && digits <= 17);
    snprintf(text, sizeof text, "%.*g", digits, x);
    if (!(e = strchr(text, 'e')))
        return buf_printf(to, "%s%s", text, strchr(text, '.') ? "" : ".0");
    return buf_printf(to, "%.*se%ld", (int)(e - text), text, strtol(e + 1, NULL, 10));
}
