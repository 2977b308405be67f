/* fuzz_shard: bytes as a shard, as they are and with digests made right. fuzz: -max_len=4096
 *
 * What reads without an error must come back from a writer and a second reader; its index must
 * lead to the records that reading gives, and its blocks must hold them; the index of any other
 * bytes leads nowhere bad.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "shard/shard_blocks.h"
#include "shard/shard_format.h"

enum { MAX_LEN = 1 << 20 }; /* longer sequences are not read by blocks here */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read: the records in one digest, and the shard that a writer makes of them. */
struct reading {
    enum shard_kind kind;
    uint64_t records, sum;
    char *again;
    size_t again_bytes;
};

static void mix(uint64_t *sum, const void *p, size_t n)
{
    uint8_t digest[DIGEST64_BYTES];

    shard_digest64(digest, n ? p : "", n);
    *sum = *sum * 31 + get_le64(digest);
}

static void mix_record(struct reading *to, const struct shard_record *rec)
{
    mix(&to->sum, &rec->doc, sizeof rec->doc);
    mix(&to->sum, rec->ids, rec->n_ids * sizeof *rec->ids);
    mix(&to->sum, rec->lens, rec->n_lens * sizeof *rec->lens);
    mix(&to->sum, rec->positions, rec->n_labels * sizeof *rec->positions);
    mix(&to->sum, rec->labels, rec->n_labels * sizeof *rec->labels);
    to->records++;
}

static int read_all(struct shard_reader *r, struct reading *to)
{
    const struct shard_info *info = shard_reader_info(r);
    FILE *f = open_memstream(&to->again, &to->again_bytes);
    struct shard_writer *w = NULL;
    struct shard_record rec;
    int rc;

    if (!f || shard_writer_open(&w, f, info, NULL) != RF_OK)
        abort(); /* what a reader accepts a writer can write */
    to->kind = info->kind;
    while ((rc = shard_next(r, &rec, NULL)) == 1) {
        mix_record(to, &rec);
        if (shard_write(w, &rec, NULL) != RF_OK)
            abort();
    }
    if (shard_writer_finish(w, NULL) != RF_OK)
        abort();
    fclose(f);
    return rc;
}

static int read_bytes(const void *p, size_t n, struct reading *to)
{
    struct shard_reader *r = NULL;
    struct input *in = NULL;
    int fd = memfd_create("shard", 0), rc;
    char name[64];

    *to = (struct reading){0};
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    if (write(fd, p, n) != (ssize_t)n || input_open(&in, name, INPUT_RAW, NULL) != RF_OK)
        abort();
    if ((rc = shard_reader_open(&r, in, NULL)) == RF_OK)
        rc = read_all(r, to);
    shard_reader_close(r);
    input_close(in);
    close(fd);
    return rc;
}

/* Go to a record by the index and count the rest. */
static int seek(const void *p, size_t n, uint64_t record, uint64_t *rest)
{
    struct shard_reader *r = NULL;
    struct shard_record rec;
    struct shard_totals totals;
    int fd = memfd_create("shard", 0), rc;
    char name[64], *list[1] = {name};

    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    if (write(fd, p, n) != (ssize_t)n)
        abort();
    *rest = 0;
    if ((rc = shard_files_totals(&totals, list, 1, NULL)) == 1 &&
        (rc = shard_files_open(&r, list, 1, NULL)) == RF_OK &&
        (rc = shard_reader_seek(r, record, NULL)) == RF_OK)
        while ((rc = shard_next(r, &rec, NULL)) == 1)
            ++*rest;
    shard_reader_close(r);
    close(fd);
    return rc;
}

/* Read all records by blocks of which one is held at a time. */
static int read_blocks(struct shard_blocks *b, struct reading *to)
{
    size_t room = shard_blocks_info(b)->max_len;
    int32_t *ids = malloc(room * sizeof *ids), *labels = malloc(room * sizeof *labels);
    uint32_t *positions = malloc(room * sizeof *positions);
    int rc = RF_OK;

    if (!ids || !labels || !positions)
        abort();
    for (uint64_t i = 0; i < shard_blocks_totals(b).records && rc == RF_OK; i++) {
        struct shard_record rec;

        rc = shard_blocks_get(b, i, ids, positions, labels, &rec, NULL);
        if (rc == RF_OK)
            mix_record(to, &rec);
    }
    free(ids);
    free(labels);
    free(positions);
    return rc;
}

static void compare_blocks(const void *p, size_t n, const struct reading *read, int rc)
{
    struct reading got = {.records = 0};
    struct shard_blocks *b = NULL;
    int fd = memfd_create("shard", 0), opened;
    char name[64];

    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    if (write(fd, p, n) != (ssize_t)n)
        abort();
    opened = shard_blocks_open(&b, name, NULL);
    if (rc == RF_OK && read->kind != SHARD_TOKENS && opened != RF_OK)
        abort(); /* who reads all accepts no less than who reads the index */
    if (opened == RF_OK && shard_blocks_info(b)->max_len <= MAX_LEN &&
        read_blocks(b, &got) == RF_OK && rc == RF_OK &&
        (got.records != read->records || got.sum != read->sum))
        abort();
    shard_blocks_close(b);
    close(fd);
}

static void read_twice(const void *p, size_t n)
{
    struct reading first, second;
    uint64_t rest;
    int rc = read_bytes(p, n, &first), sought = seek(p, n, first.records / 2, &rest);

    compare_blocks(p, n, &first, rc);
    if (rc == RF_OK) {
        if (sought != RF_OK || rest != first.records - first.records / 2)
            abort();
        if (read_bytes(first.again, first.again_bytes, &second) != RF_OK ||
            first.records != second.records || first.sum != second.sum)
            abort();
        free(second.again);
    }
    free(first.again);
}

/* Walk the frames as far as they make sense and make their digests right. */
static void seal(uint8_t *p, size_t n)
{
    size_t part = 0;

    for (size_t at = 0; n - at >= FRAME_HEAD_BYTES;) {
        uint8_t *frame = p + at;
        size_t bytes = FRAME_HEAD_BYTES + (size_t)get_le32(frame + 4), left = n - at;

        if (bytes > left)
            return;
        switch (get_le32(frame)) {
        case FRAME_MAGIC_HEADER:
            part = at;
            if (bytes >= HEADER_FIXED_BYTES + DIGEST128_BYTES)
                shard_digest128(frame + bytes - DIGEST128_BYTES, frame,
                                bytes - DIGEST128_BYTES);
            break;
        case FRAME_MAGIC_LEAD:
            if (bytes != LEAD_BYTES || get_le32(frame + 8) > left - LEAD_BYTES)
                return;
            bytes += get_le32(frame + 8);
            shard_digest64(frame + 32, frame + LEAD_BYTES, bytes - LEAD_BYTES);
            shard_digest64(frame + 40, frame, 40);
            break;
        case FRAME_MAGIC_END:
            if (bytes < FRAME_HEAD_BYTES + END_TAIL_BYTES)
                return;
            shard_digest64(frame + bytes - 24, frame, bytes - 24);
            shard_digest128(frame + bytes - 16, p + part,
                            (size_t)(frame - p) - part + bytes - 16);
            break;
        default: return;
        }
        at += bytes;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);

    if (!copy)
        return 0;
    read_twice(data, size);
    memcpy(copy, data, size);
    seal(copy, size);
    read_twice(copy, size);
    free(copy);
    return 0;
}
