/* fuzz_cirrus: any line as one of a Cirrus dump. fuzz: -max_len=512
 *
 * What is accepted is UTF-8 without control bytes; what is not has a reason that names the
 * file.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "corpus/cirrus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct buf *b)
{
    if (b->len && utf8_check(b->data, b->len) != b->len)
        abort();
    for (size_t i = 0; i < b->len; i++)
        if ((unsigned char)b->data[i] < ' ' && b->data[i] != '\n')
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf line = {0};
    struct cirrus_page page = {0};
    struct errbuf eb = {0};
    uint64_t replaced = 0;

    if (size == 0 || utf8_repair(&line, (const char *)data, size, &replaced) != RF_OK)
        return 0;
    if (cirrus_read(&page, line.data, line.len, "dump", 0, &eb) == RF_OK) {
        if (page.is_page && page.title.len == 0)
            abort();
        check_text(&page.title);
        check_text(&page.text);
    } else if (!strstr(eb.text, "dump")) {
        abort();
    }
    cirrus_page_free(&page);
    buf_free(&line);
    return 0;
}
