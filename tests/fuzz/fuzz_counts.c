/* fuzz_counts: any bytes as two files of word counts are refused with one line, or give words
 * that ascend and whose file, read again, gives the same. fuzz: -max_len=512 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "wordpiece/counts_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
    if (!condition)
        abort();
}

/* A file of these bytes; *name is how to open it. */
static int file_of(const void *bytes, size_t n, char name[32])
{
    int fd = memfd_create("counts", 0);

    must(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    snprintf(name, 32, "/proc/self/fd/%d", fd);
    return fd;
}

/* Write what the files add up to, or return an error. */
static int add_up(FILE *to, char *const *names, int n, unsigned flags)
{
    const struct counts_cfg cfg = {.flags = flags, .longest = 64};
    struct counts_read *r = NULL;
    struct counts_writer w = {0};
    struct errbuf eb = {0};
    struct buf last = {0};
    const char *word;
    uint64_t count;
    size_t len;
    int rc = counts_read_open(&r, names, n, &cfg, 4096, NULL, NULL, &eb);

    must(counts_writer_start(&w, to, flags, NULL) == RF_OK);
    while (rc == RF_OK && (rc = counts_read_next(r, &word, &len, &count, &eb)) == 1) {
        must(len > 0 && len < 64 && strlen(word) == len && !memchr(word, '\t', len));
        must(!last.len || strcmp(last.data, word) < 0);
        buf_clear(&last);
        must(buf_put(&last, word, len) == RF_OK);
        rc = counts_writer_put(&w, word, len, count, &eb);
    }
    must(counts_writer_end(&w, NULL) == RF_OK);
    must(rc == RF_OK || (*eb.text && !strchr(eb.text, '\n')));
    counts_read_close(r);
    counts_writer_free(&w);
    buf_free(&last);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t half = size ? data[0] * (size - 1) / 255 : 0;
    unsigned flags = size ? data[0] & 3 : 0;
    char a[32], b[32], again[32], *names[] = {a, b}, *one[] = {again}, *text = NULL,
                                  *back = NULL;
    int fd[3] = {file_of(data + (size > 0), half, a),
                 file_of(data + (size > 0) + half, size - (size > 0) - half, b), -1};
    size_t n = 0, n_back = 0;
    FILE *to = open_memstream(&text, &n);
    int rc;

    must(to != NULL);
    rc = add_up(to, names, 2, flags);
    must(fclose(to) == 0);
    if (rc == RF_OK) {
        fd[2] = file_of(text, n, again);
        must((to = open_memstream(&back, &n_back)) != NULL);
        must(add_up(to, one, 1, flags) == RF_OK && fclose(to) == 0);
        must(n == n_back && memcmp(text, back, n) == 0);
    }
    for (int i = 0; i < 3; i++)
        if (fd[i] >= 0)
            close(fd[i]);
    free(text);
    free(back);
    return 0;
}
