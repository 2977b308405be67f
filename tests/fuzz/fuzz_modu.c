/* fuzz_modu: any bytes as a file of 모두의 말뭉치, any text as a form. fuzz: -max_len=2048
 *
 * What comes out must be UTF-8, in lines without needless white space.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "corpus/modu_form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct buf *b, bool lines)
{
    const char *s = b->data;

    if (!b->len)
        return;
    if (utf8_check(s, b->len) != b->len || memchr(s, '\0', b->len) ||
        (s[b->len - 1] == '\n') != lines)
        abort();
    for (size_t i = 0; i < b->len; i++)
        if ((s[i] == '\n' || s[i] == ' ') && (i == 0 || s[i - 1] == '\n' || s[i - 1] == ' '))
            abort();
}

static void as_form(int marks, bool spoken, const char *text, size_t n)
{
    struct buf form = {0}, scratch = {0}, to = {0};
    struct modu_counts counts = {0};
    uint64_t replaced = 0, gone = 0;

    if (utf8_repair(&form, text, n, &replaced) != RF_OK || !form.len)
        goto out;
    if (modu_paragraph(&to, form.data, form.len, &scratch) != RF_OK)
        abort();
    check_text(&to, true);
    modu_count_text(&counts, to.data, to.len);
    buf_clear(&to);
    if (modu_utterance(&to, form.data, form.len, (enum modu_marks)marks, spoken, &scratch,
                       &gone) != RF_OK)
        abort();
    check_text(&to, false);
out:
    buf_free(&form);
    buf_free(&scratch);
    buf_free(&to);
}

static void as_file(const struct modu_cfg *cfg, const char *text, size_t n)
{
    struct modu_counts counts = {0};
    struct errbuf eb = {0};
    struct text_out *to = NULL;
    int fd = memfd_create("corpus", 0);
    FILE *out = fopen("/dev/null", "w");
    char name[32];

    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    if (fd < 0 || !out || write(fd, text, n) != (ssize_t)n ||
        text_out_open(&to, out, NULL, NULL) != RF_OK)
        abort();
    if (modu_text(to, name, cfg, &counts, NULL, &eb) != RF_OK && !*eb.text)
        abort();
    if (text_out_end(to, RF_OK, NULL) != RF_OK)
        abort();
    fclose(out);
    close(fd);
}

/* The first byte chooses the settings. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct modu_cfg cfg = {0};

    if (size == 0)
        return 0;
    cfg.marks = (data[0] & 3) % 3;
    cfg.invalid = data[0] >> 2 & 1;
    if (data[0] & 8)
        as_form(cfg.marks, data[0] >> 4 & 1, (const char *)data + 1, size - 1);
    else
        as_file(&cfg, (const char *)data + 1, size - 1);
    return 0;
}
