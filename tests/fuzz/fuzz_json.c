/* fuzz_json: any bytes as JSON. fuzz: -max_len=1024
 *
 * Values must nest, text must be UTF-8, and skipping must come to the same end as reading.
 */
#include <stdlib.h>

#include "base/utf8.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_all(const char *text, size_t n, const struct json_cfg *cfg, bool skip)
{
    struct json *j = NULL;
    struct json_token t;
    struct errbuf eb = {0};
    unsigned depth = 0;
    int rc;

    if (json_open_text(&j, text, n, "text", cfg, &eb) != RF_OK)
        return RF_OK;
    while ((rc = json_next(j, &t, &eb)) > 0) {
        if (t.offset >= n)
            abort();
        if (skip && (rc = json_skip(j, &eb)) != RF_OK)
            break;
        if (skip)
            continue;
        if (rc == JSON_OBJECT || rc == JSON_ARRAY)
            depth++;
        if ((rc == JSON_OBJECT_END || rc == JSON_ARRAY_END) && depth-- == 0)
            abort();
        if ((rc == JSON_KEY || rc == JSON_STRING || rc == JSON_NUMBER) &&
            utf8_check(t.text, t.len) != t.len)
            abort();
    }
    if ((rc == 0 && depth) || (rc < 0 && !*eb.text))
        abort();
    json_close(j);
    return rc;
}

/* The first byte chooses the settings. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_cfg cfg;
    const char *text = (const char *)data + 1;

    if (size == 0)
        return 0;
    cfg = (struct json_cfg){.many = data[0] & 1, .invalid = data[0] >> 1 & 1};
    if (read_all(text, size - 1, &cfg, false) != read_all(text, size - 1, &cfg, true))
        abort();
    return 0;
}
