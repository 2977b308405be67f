/* fuzz_yaml: text as rf-config(5). fuzz: -max_len=2048
 *
 * What is accepted is written and read again: both times the same settings.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/opt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct cfg {
    bool flag;
    uint64_t dim, size;
    double lr, share, time;
    const char *text, *file;
    int choice;
};

static const char *const choices[] = {"one", "two", NULL};
static const struct opt rows[] = {
    OPT_FLAG(0, "flag", struct cfg, flag, ""),
    OPT_TEXT(0, "text", struct cfg, text, "text", ""),
    OPT_COUNT(0, "a.dim", struct cfg, dim, 0, 0x1p64, "n", ""),
    OPT_SIZE(0, "a.size", struct cfg, size, 0, 0x1p64, "bytes", ""),
    OPT_REAL(0, "a.lr", struct cfg, lr, -1e300, 1e300, "x", ""),
    OPT_SHARE(0, "b.share", struct cfg, share, ""),
    OPT_TIME(0, "b.time", struct cfg, time, ""),
    OPT_FILE(0, "b.file", struct cfg, file, ""),
    OPT_CHOICE(0, "b.choice", struct cfg, choice, choices, "what", ""),
    OPT_END};

static void must(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opt_strings strings = {0};
    struct buf first = {0}, second = {0};
    struct errbuf eb = {0};
    struct cfg c = {0}, again = {0};

    if (opt_read_yaml(rows, &c, (const char *)data, size, "f", &strings, &eb) == RF_OK) {
        must(opt_write_yaml(rows, &c, &first) == RF_OK);
        must(opt_read_yaml(rows, &again, first.data, first.len, "f", &strings, NULL) == RF_OK);
        must(opt_write_yaml(rows, &again, &second) == RF_OK);
        must(strcmp(first.data, second.data) == 0);
        must(!c.text == !again.text && (!c.text || strcmp(c.text, again.text) == 0));
        must(!c.file == !again.file && (!c.file || strcmp(c.file, again.file) == 0));
    } else {
        must(*eb.text && !strchr(eb.text, '\n'));
    }
    buf_free(&first);
    buf_free(&second);
    opt_strings_free(&strings);
    return 0;
}
