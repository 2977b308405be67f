#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int buf_reserve(struct buf *b, size_t more)
{
    size_t need, cap;
    char *data;

    if (more >= SIZE_MAX / 2 - b->len)
        return RF_ENOMEM;
    need = b->len + more + 1;
    if (need <= b->cap)
        return RF_OK;
    cap = b->cap ? b->cap + b->cap / 2 : 64;
    if (cap < need)
        cap = need;
    data = realloc(b->data, cap);
    if (!data)
        return RF_ENOMEM;
    data[b->len] = '\0';
    b->data = data;
    b->cap = cap;
    return RF_OK;
}

int buf_put(struct buf *b, const void *bytes, size_t n)
{
    if (buf_reserve(b, n) != RF_OK)
        return RF_ENOMEM;
    if (n)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
    return RF_OK;
}

int buf_put_uint(struct buf *b, uint64_t n)
{
    char digits[20], *p = digits + sizeof digits; /* 2^64 - 1 has 20 digits */

    do
        *--p = (char)('0' + n % 10);
    while (n /= 10);
    return buf_put(b, p, (size_t)(digits + sizeof digits - p));
}

int buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0 || buf_reserve(b, (size_t)n) != RF_OK)
        return RF_ENOMEM;
    va_start(ap, fmt);
    vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
    return RF_OK;
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    if (b->data)
        b->data[0] = '\0';
}

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}
