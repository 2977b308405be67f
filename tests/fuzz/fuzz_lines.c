/* fuzz_lines: any bytes as lines of text, whole, in parts, and as JSON lines. fuzz:
 * -max_len=1024
 *
 * Lines are UTF-8 without an LF, say the same in parts of any size, and come back from JSON
 * lines that are made of them. Documents of JSON lines, as rf-sample and rf-score take them,
 * come back from their own lines with a text put in.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
    if (!condition)
        abort();
}

/* A file of these bytes; *name is how to open it. */
static int file_of(const void *bytes, size_t n, char name[32])
{
    int fd = memfd_create("lines", 0);

    must(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    snprintf(name, 32, "/proc/self/fd/%d", fd);
    return fd;
}

/* All lines that are not empty, each ended by LF, into `to`. */
static int read_all(struct buf *to, const void *bytes, size_t n, const struct text_cfg *cfg)
{
    char name[32], *names[] = {name};
    int fd = file_of(bytes, n, name), rc;
    struct lines *l = NULL;
    struct errbuf eb = {0};
    const char *text;
    size_t len, start = 0; /* start: of the line in `to` */

    must(lines_open(&l, names, 1, cfg, NULL) == RF_OK);
    while ((rc = lines_next(l, &text, &len, &eb)) == 1) {
        bool more = lines_more(l);

        must(utf8_check(text, len) == len && !memchr(text, '\n', len));
        must(more || text[len] == '\0');
        must(buf_put(to, text, len) == RF_OK);
        if (!more && to->len > start)
            must(buf_put(to, "\n", 1) == RF_OK);
        if (!more)
            start = to->len;
    }
    must(rc == 0 || (*eb.text && !strchr(eb.text, '\n')));
    lines_close(l);
    close(fd);
    return rc;
}

static void must_equal(const struct buf *a, const struct buf *b)
{
    must(a->len == b->len);
    must(a->len == 0 || (a->data && b->data && memcmp(a->data, b->data, a->len) == 0));
}

/* The lines as one document of JSON lines, and back. */
static void check_json(const struct buf *lines)
{
    const struct text_cfg cfg = {.jsonl = "t"};
    struct text_out *out = NULL;
    struct buf back = {0};
    char *json = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&json, &size);

    must(f != NULL && text_out_open(&out, f, "t", NULL) == RF_OK);
    for (size_t at = 0, n; at < lines->len; at += n + 1) {
        n = (size_t)((char *)memchr(lines->data + at, '\n', lines->len - at) - lines->data) -
            at;
        must(text_out_line(out, lines->data + at, n, NULL) == RF_OK);
    }
    must(text_out_end(out, RF_OK, NULL) == RF_OK && fclose(f) == 0);
    must(read_all(&back, json, size, &cfg) == 0);
    must_equal(&back, lines);
    buf_free(&back);
    free(json);
}

/* Documents of JSON lines, one for one: their lines, and an LF where each ends. With `out` each
 * is written again into its own JSON line. */
static void read_documents(struct buf *to, const void *bytes, size_t n,
                           const struct text_cfg *cfg, FILE *out)
{
    char name[32], *names[] = {name};
    int fd = file_of(bytes, n, name);
    struct text_out *again = NULL;
    struct lines *l = NULL;
    const char *text;
    size_t len, sides;

    must(lines_open(&l, names, 1, cfg, NULL) == RF_OK);
    must(!out || text_out_open(&again, out, cfg->jsonl, NULL) == RF_OK);
    if (out)
        text_out_from(again, l);
    while (lines_next(l, &text, &len, NULL) == 1) {
        must(lines_inside(l) == (len > 0));
        must(lines_before(l, &sides) && *lines_before(l, &sides) != '\0' && sides > 0);
        must(lines_behind(l, &sides) && sides > 0);
        must(buf_put(to, text, len) == RF_OK && buf_put(to, "\n", 1) == RF_OK);
        must(!out || text_out_line(again, text, len, NULL) == RF_OK);
    }
    must(!out || text_out_end(again, RF_OK, NULL) == RF_OK);
    lines_close(l);
    close(fd);
}

/* A CR at the end of a line of a text is a part of the line's end when it is read again. */
static void check_documents(const void *bytes, size_t n, const struct text_cfg *cfg)
{
    struct buf documents = {0}, back = {0};
    char *json = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&json, &size);

    must(f != NULL);
    read_documents(&documents, bytes, n, cfg, f);
    must(fclose(f) == 0);
    if (!memchr(documents.data ? documents.data : "", '\r', documents.len)) {
        read_documents(&back, json, size, cfg, NULL);
        must_equal(&back, &documents);
    }
    buf_free(&documents);
    buf_free(&back);
    free(json);
}

/* The first byte chooses the settings. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text_cfg cfg = {0};
    struct buf whole = {0}, parts = {0};

    if (size == 0)
        return 0;
    cfg.invalid = data[0] & 1;
    cfg.jsonl = data[0] & 2 ? "t" : NULL;
    if (read_all(&whole, data + 1, size - 1, &cfg) == 0) {
        if (cfg.jsonl)
            check_documents(data + 1, size - 1, &cfg);
        cfg.part = 16 + (data[0] >> 2);
        must(read_all(&parts, data + 1, size - 1, &cfg) == 0);
        must_equal(&whole, &parts);
        if (!memchr(whole.data ? whole.data : "", '\r', whole.len))
            check_json(&whole);
    }
    buf_free(&whole);
    buf_free(&parts);
    return 0;
}
