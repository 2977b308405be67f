/* fuzz_sentence: any text, split into sentences. fuzz: -max_len=1024
 *
 * The sentences must lie in the line in order, with white space between them and nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/sentence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses --max-quote. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct splitter *s = NULL;
    struct buf line = {0};
    const char *sentence, *at;
    uint64_t replaced = 0;
    size_t len;

    if (size == 0 || utf8_repair(&line, (const char *)data + 1, size - 1, &replaced) != RF_OK ||
        !line.data || splitter_new(&s, data[0], NULL) != RF_OK) {
        buf_free(&line);
        return 0;
    }
    if (splitter_line(s, at = line.data, line.len, NULL) != RF_OK)
        abort();
    while (splitter_next(s, &sentence, &len)) {
        if (len == 0 || sentence < at || sentence + len > line.data + line.len)
            abort();
        for (; at < sentence; at++)
            if ((unsigned char)*at < 0x80 && *at != ' ' && (*at < '\t' || *at > '\r'))
                abort();
        at = sentence + len;
    }
    if (at != line.data + line.len)
        abort();
    splitter_free(s);
    buf_free(&line);
    return 0;
}
