/* fuzz_wikitext: any text as a page of markup. fuzz: -max_len=2048
 * -dict=tests/fuzz/wikitext.dict
 *
 * What comes out are lines of valid UTF-8, none empty, without spaces at their ends and without
 * control bytes, and not much more than came in.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "corpus/wikitext.h"
#include "corpus/xmldump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lines(const struct buf *to)
{
    if (utf8_check(to->data, to->len) != to->len)
        abort();
    for (size_t i = 0; i < to->len; i++) {
        char before = i ? to->data[i - 1] : '\n', c = to->data[i];

        if ((unsigned char)c < ' ' && c != '\n')
            abort();
        if (before == '\n' && (c == '\n' || c == ' '))
            abort();
        if (c == '\n' && before == ' ')
            abort();
    }
    if (to->len && to->data[to->len - 1] != '\n')
        abort();
}

/* The first byte chooses the settings. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wikitext_cfg cfg = {.captions = size && data[0] & 1,
                               .variant = size && data[0] & 2 ? "zh-hant" : NULL,
                               .keep = size && data[0] & 4 ? "a=1,b=[$*]!,c=$2$1" : NULL};
    struct wikitext_removed removed = {.want_names = true};
    struct buf fixed = {0}, text = {0}, to = {0};
    struct wikitext_work *work = wikitext_work_new();
    struct namespaces ns = {0};
    struct wikitext *w = NULL;
    uint64_t replaced = 0;

    if (size > 1 && work && wikitext_new(&w, &cfg, NULL) == RF_OK &&
        utf8_repair(&fixed, (const char *)data + 1, size - 1, &replaced) == RF_OK &&
        xmldump_decode(&text, fixed.data, fixed.len, &replaced) == RF_OK) {
        if (wikitext_convert(w, work, &ns, "title", text.data, text.len, &to, &removed) !=
            RF_OK)
            abort();
        if (to.data)
            check_lines(&to);
        if (to.len > 4 * text.len + 16)
            abort();
    }
    wikitext_work_free(work);
    wikitext_free(w);
    buf_free(&removed.names);
    buf_free(&fixed);
    buf_free(&text);
    buf_free(&to);
    return 0;
}
