/* fuzz_utf8: the calls of utf8.h agree with each other on any bytes. fuzz: -max_len=64 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
    if (!condition)
        abort();
}

/* Bytes of well-formed sequences from the start, found one by one. */
static size_t walk(const char *s, size_t n)
{
    size_t at = 0;

    while (at < n) {
        uint32_t cp, next;
        char again[UTF8_MAX_BYTES];
        size_t len = utf8_decode(&cp, s + at, n - at);

        if (len == 0)
            break;
        must(utf8_next(&next, s + at) == len && next == cp);
        must(utf8_encode(again, cp) == len && memcmp(again, s + at, len) == 0);
        at += len;
    }
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *s = calloc(size + (size == 0), 1); /* of its own size: reading past it is seen */
    struct buf once = {0}, twice = {0};
    uint64_t replaced = 0, again = 0;
    size_t good;

    must(s != NULL);
    if (size)
        memcpy(s, data, size);
    good = utf8_check(s, size);
    must(good == walk(s, size));
    must(utf8_repair(&once, s, size, &replaced) == RF_OK);
    must((replaced == 0) == (good == size));
    must(utf8_check(once.data, once.len) == once.len);
    must(utf8_repair(&twice, once.data, once.len, &again) == RF_OK);
    must(again == 0 && twice.len == once.len);
    must(once.len == 0 || memcmp(once.data, twice.data, once.len) == 0);
    buf_free(&once);
    buf_free(&twice);
    free(s);
    return 0;
}
