/* fuzz_xmldump: any bytes as a dump. fuzz: -max_len=1024 -dict=tests/fuzz/xmldump.dict
 *
 * What is found lies within the bytes, and a dump that comes in two pieces gives what it gives
 * whole.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "corpus/xmldump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(const char *s, size_t n, const char *part, size_t len)
{
    if (len && (part < s || part + len > s + n))
        abort();
}

static void check_text(const char *s, size_t n)
{
    struct buf fixed = {0}, text = {0};
    uint64_t replaced = 0;

    if (utf8_repair(&fixed, s, n, &replaced) != RF_OK ||
        xmldump_decode(&text, fixed.data ? fixed.data : "", fixed.len, &replaced) != RF_OK)
        abort();
    if (utf8_check(text.data, text.len) != text.len)
        abort();
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] < ' ' && text.data[i] != '\n' && text.data[i] != '\t')
            abort();
    buf_free(&fixed);
    buf_free(&text);
}

/* Go on at *at as far as there is something whole; *sum stands for what was found. False: it is
 * broken. */
static bool walk(struct xmldump *x, const char *s, size_t n, size_t *at, uint64_t *sum)
{
    for (;;) {
        struct xmldump_page page;
        enum xmldump_found found;
        const char *why;
        size_t used;

        found = xmldump_next(x, s + *at, n - *at, &page, &used, &why);
        if (found == XMLDUMP_MORE)
            return true;
        if (used > n - *at || (found == XMLDUMP_BAD) != (why != NULL))
            abort();
        if (found == XMLDUMP_BAD)
            return false;
        if (used == 0)
            abort();
        if (found == XMLDUMP_PAGE) {
            check_inside(s, n, page.title, page.title_len);
            check_inside(s, n, page.text, page.text_len);
            check_text(page.title, page.title_len);
            if (page.text)
                check_text(page.text, page.text_len);
            *sum = *sum * 31 + page.text_len + 1;
        }
        *at += used;
    }
}

/* The first byte says where to cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xmldump whole = {0}, parts = {0};
    const char *s = (const char *)data + 1;
    size_t at = 0, n = size - 1;
    uint64_t a = 0, b = 0;

    if (size < 2 || !walk(&whole, s, n, &at, &a))
        return 0;
    at = 0;
    if (!walk(&parts, s, data[0] * n / 256, &at, &b) || !walk(&parts, s, n, &at, &b))
        abort();
    if (a != b || whole.ns.n != parts.ns.n || whole.open != parts.open)
        abort();
    return 0;
}
