#include "shard/shard_print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/npy.h"
#include "shard/shard_format.h"
#include "shard/shard_text.h"

const char *const print_format_names[] = {"text", "jsonl", "npy", "raw", "shard", NULL};

enum {
    NPY_FREE_CELLS = 16 << 20,
    NPY_NO_LABEL = -100, /* PyTorch's cross entropy ignores this label */
};

struct shard_print {
    FILE *file;
    enum print_format format;
    const struct shard_info *info;
    const struct vocab *v;
    struct shard_writer *writer;
    struct buf line;
    uint64_t count, records; /* how many will come, or UINT64_MAX; how many came */
    uint64_t ids;            /* of the records that came, for npy */
};

static int emit(struct shard_print *p, const void *bytes, size_t n, struct errbuf *eb)
{
    if (n && fwrite(bytes, 1, n, p->file) != n)
        return err_set(eb, RF_EIO, "cannot write: %s", strerror(errno));
    return RF_OK;
}

static int put_npy_head(struct shard_print *p, uint64_t count, struct errbuf *eb)
{
    bool masked = p->info->kind == SHARD_MASKED;
    uint8_t head[NPY_HEAD_BYTES];
    char shape[64];

    snprintf(shape, sizeof shape, "%llu, %s%u", (unsigned long long)count, masked ? "2, " : "",
             p->info->max_len);
    npy_head(head, masked || shard_id_bytes(p->info) == 4 ? "<i4" : "<u2", shape);
    return emit(p, head, sizeof head, eb);
}

static int open_npy(struct shard_print *p, struct errbuf *eb)
{
    if (p->info->kind == SHARD_TOKENS)
        return err_set(eb, RF_EINVAL, "documents have no common length: not for npy");
    if (p->info->kind == SHARD_QA || p->info->kind == SHARD_CLASSES)
        return err_set(eb, RF_EINVAL, "records of kind %s are no rows of ids: not for npy",
                       shard_kind_names[p->info->kind - 1]);
    if (p->info->special.pad < 0)
        return err_set(eb, RF_EINVAL, "the vocabulary has no [PAD] to fill up rows with");
    if (p->count == UINT64_MAX && fseeko(p->file, 0, SEEK_CUR) != 0)
        return err_set(eb, RF_EINVAL,
                       "npy needs the number of records first: read files by name, or write to "
                       "one");
    return put_npy_head(p, p->count == UINT64_MAX ? 0 : p->count, eb);
}

int shard_print_open(struct shard_print **out, FILE *file, enum print_format format,
                     const struct shard_info *info, const struct vocab *v, uint64_t count,
                     struct errbuf *eb)
{
    struct shard_print *p = calloc(1, sizeof *p);
    int rc = RF_OK;

    if (!p)
        return err_nomem(eb);
    *p = (struct shard_print){
        .file = file, .format = format, .info = info, .v = v, .count = count};
    if (format == PRINT_NPY)
        rc = open_npy(p, eb);
    else if (format == PRINT_SHARD)
        rc = shard_writer_open(&p->writer, file, info, eb);
    if (rc == RF_OK && p->writer)
        shard_writer_thread(p->writer);
    if (rc == RF_OK)
        *out = p;
    else
        free(p);
    return rc;
}

/* Write the ids of a row, padded with [PAD]. `width` is 2 or 4. */
static void put_row(struct shard_print *p, const struct shard_record *r, size_t width)
{
    const uint32_t pad = (uint32_t)p->info->special.pad;

    shard_put_numbers(&p->line, (const uint32_t *)r->ids, r->n_ids, width);
    for (size_t i = r->n_ids; i < p->info->max_len; i++)
        shard_put_numbers(&p->line, &pad, 1, width);
}

static void put_label_row(struct shard_print *p, const struct shard_record *r)
{
    uint8_t *row = (uint8_t *)p->line.data + p->line.len;

    for (size_t i = 0; i < p->info->max_len; i++)
        put_le32(row + 4 * i, (uint32_t)NPY_NO_LABEL);
    for (size_t i = 0; i < r->n_labels; i++)
        put_le32(row + (size_t)4 * r->positions[i], (uint32_t)r->labels[i]);
    p->line.len += (size_t)4 * p->info->max_len;
}

/* Rows are as long as the header says. Where that is far longer than the sequences are, a small
 * file would be written as one of any size, nearly all of it [PAD]. */
static int check_padding(struct shard_print *p, const struct shard_record *r, struct errbuf *eb)
{
    uint64_t cells = p->records * p->info->max_len;

    p->ids += r->n_ids;
    if (cells <= NPY_FREE_CELLS || cells / SHARD_SWELL_MAX <= p->ids)
        return RF_OK;
    return err_set(eb, RF_ERANGE, "rows of npy have %u ids: over %d times as many as there are",
                   p->info->max_len, SHARD_SWELL_MAX);
}

static int put_npy(struct shard_print *p, const struct shard_record *r)
{
    bool masked = p->info->kind == SHARD_MASKED;

    if (buf_reserve(&p->line, (size_t)8 * p->info->max_len) != RF_OK)
        return RF_ENOMEM;
    put_row(p, r, masked ? 4 : shard_id_bytes(p->info));
    if (masked)
        put_label_row(p, r);
    return RF_OK;
}

static int put_raw(struct shard_print *p, const struct shard_record *r)
{
    if (buf_reserve(&p->line, 4 * r->n_ids) != RF_OK)
        return RF_ENOMEM;
    shard_put_numbers(&p->line, (const uint32_t *)r->ids, r->n_ids, shard_id_bytes(p->info));
    return RF_OK;
}

int shard_print(struct shard_print *p, const struct shard_record *r, struct errbuf *eb)
{
    int rc = RF_OK;

    p->records++;
    buf_clear(&p->line);
    switch (p->format) {
    case PRINT_TEXT: rc = shard_text_put(&p->line, p->info, r, p->v); break;
    case PRINT_JSONL: rc = shard_text_json(&p->line, p->info, r, p->v); break;
    case PRINT_NPY:
        if ((rc = check_padding(p, r, eb)) != RF_OK)
            return rc;
        rc = put_npy(p, r);
        break;
    case PRINT_RAW: rc = put_raw(p, r); break;
    case PRINT_SHARD: return shard_write(p->writer, r, eb);
    }
    return rc == RF_OK ? emit(p, p->line.data, p->line.len, eb) : err_nomem(eb);
}

/* Write the head again when the number of rows is known. */
static int finish_npy(struct shard_print *p, struct errbuf *eb)
{
    off_t end = ftello(p->file);
    off_t start = end - NPY_HEAD_BYTES -
                  (off_t)(p->records * p->info->max_len *
                          (p->info->kind == SHARD_MASKED ? 8 : shard_id_bytes(p->info)));
    int rc;

    if (p->records == p->count)
        return RF_OK;
    if (fseeko(p->file, start, SEEK_SET) != 0)
        return err_set(eb, RF_EIO, "cannot rewrite the head: %s", strerror(errno));
    if ((rc = put_npy_head(p, p->records, eb)) == RF_OK && fseeko(p->file, end, SEEK_SET) != 0)
        return err_set(eb, RF_EIO, "cannot write: %s", strerror(errno));
    return rc;
}

int shard_print_close(struct shard_print *p, int rc, struct errbuf *eb)
{
    if (!p)
        return rc;
    if (rc == RF_OK && p->format == PRINT_NPY)
        rc = finish_npy(p, eb);
    if (rc == RF_OK && p->writer) {
        rc = shard_writer_finish(p->writer, eb);
        p->writer = NULL;
    }
    shard_writer_abort(p->writer);
    buf_free(&p->line);
    free(p);
    return rc;
}
