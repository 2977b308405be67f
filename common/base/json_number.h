/* json_number.h: how a number is written in JSON (RFC 8259, section 6); not for others. */
#ifndef BASE_JSON_NUMBER_H
#define BASE_JSON_NUMBER_H

#include <stddef.h>

/** Returns the end of the digits that start at p. */
static inline const char *json_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

/** Returns the end of the number that starts at p. NULL: no number starts there, or it is not
 * complete. */
static inline const char *json_number_end(const char *p, const char *end)
{
    const char *q;

    if (p < end && *p == '-')
        p++;
    q = p < end && *p == '0' ? p + 1 : json_digits(p, end);
    if (q == p)
        return NULL;
    if (q < end && *q == '.') {
        p = q + 1;
        if ((q = json_digits(p, end)) == p)
            return NULL;
    }
    if (q < end && (*q == 'e' || *q == 'E')) {
        p = q + 1;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        if ((q = json_digits(p, end)) == p)
            return NULL;
    }
    return q;
}

#endif
