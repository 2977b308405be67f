/* fuzz_namu: any text as namumark, any bytes as a dump. fuzz: -max_len=2048
 *
 * What comes out must be UTF-8, in lines without needless white space, and no longer than the
 * page.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "corpus/namu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lines(const char *s, size_t n)
{
    if (utf8_check(s, n) != n || memchr(s, '\0', n) || (n && s[n - 1] != '\n'))
        abort();
    for (size_t i = 0; i < n; i++)
        if ((s[i] == '\n' || s[i] == ' ') && (i == 0 || s[i - 1] == '\n' || s[i - 1] == ' '))
            abort();
}

static void as_page(const struct namumark_cfg *cfg, const char *text, size_t n)
{
    struct buf page = {0}, to = {0};
    struct namumark *m = NULL;
    uint64_t replaced = 0;

    if (utf8_repair(&page, text, n, &replaced) == RF_OK && page.len &&
        namumark_new(&m, cfg) == RF_OK) {
        if (namumark_plain(m, &to, page.data, page.len) != RF_OK || to.len > page.len + 1)
            abort();
        if (to.len)
            check_lines(to.data, to.len);
    }
    namumark_free(m);
    buf_free(&page);
    buf_free(&to);
}

static void as_dump(const struct namu_cfg *cfg, const char *text, size_t n)
{
    struct namu_counts counts = {0};
    struct errbuf eb = {0};
    struct text_out *to = NULL;
    int fd = memfd_create("dump", 0);
    FILE *out = fopen("/dev/null", "w");
    char name[32];
    char *names[] = {name};

    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    if (fd < 0 || !out || write(fd, text, n) != (ssize_t)n ||
        text_out_open(&to, out, NULL, NULL) != RF_OK)
        abort();
    if (namu_text(to, names, 1, cfg, &counts, NULL, &eb) != RF_OK && !*eb.text)
        abort();
    if (text_out_end(to, RF_OK, NULL) != RF_OK)
        abort();
    fclose(out);
    close(fd);
}

/* The first byte chooses the settings. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct namu_cfg cfg = {0};

    if (size == 0)
        return 0;
    cfg.mark.tables = data[0] & 1;
    cfg.mark.strike = data[0] >> 1 & 1;
    cfg.invalid = data[0] >> 2 & 1;
    if (data[0] & 8)
        as_dump(&cfg, (const char *)data + 1, size - 1);
    else
        as_page(&cfg.mark, (const char *)data + 1, size - 1);
    return 0;
}
