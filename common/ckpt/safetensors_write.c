/* safetensors_write.c: the writing half of safetensors.h. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/bytes.h"
#include "base/io.h"
#include "base/utf8.h"
#include "ckpt/safetensors.h"
#include "base/json_put.h"

enum { LENGTH_BYTES = 8, AT_A_TIME = 1 << 18 /* numbers that a store is asked for */ };

static int put_string(struct buf *to, const char *s)
{
    return json_put_string(to, s, strlen(s), JSON_LETTERS);
}

static int put_metadata(struct buf *to, const char *const *metadata)
{
    int rc = buf_printf(to, "\"__metadata__\":");

    for (const char *sep = "{"; rc == RF_OK && *metadata; metadata += 2, sep = ",")
        if ((rc = buf_printf(to, "%s", sep)) == RF_OK &&
            (rc = put_string(to, metadata[0])) == RF_OK && (rc = buf_printf(to, ":")) == RF_OK)
            rc = put_string(to, metadata[1]);
    return rc == RF_OK ? buf_printf(to, "},") : rc;
}

static int put_entry(struct buf *to, const struct tensor *t, uint64_t *at)
{
    uint64_t end = *at + tensor_count(t) * sizeof *t->data;
    int rc = put_string(to, t->name);

    if (rc == RF_OK)
        rc = buf_printf(to, ":{\"dtype\":\"F32\",\"shape\":[");
    for (size_t i = 0; i < t->dims && rc == RF_OK; i++)
        rc = buf_printf(to, "%s%zu", i ? "," : "", t->shape[i]);
    if (rc == RF_OK)
        rc = buf_printf(to, "],\"data_offsets\":[%llu,%llu]},", (unsigned long long)*at,
                        (unsigned long long)end);
    *at = end;
    return rc;
}

static int check_names(const struct tensor *t, size_t n, struct errbuf *eb)
{
    for (size_t i = 0; i < n; i++) {
        if (!*t[i].name || !memchr(t[i].name, '\0', sizeof t[i].name) ||
            t[i].dims > TENSOR_DIMS_MAX)
            return err_set(eb, RF_EINVAL, "cannot write tensor %zu: bad name or shape", i);
        for (size_t k = 0; k < i; k++)
            if (strcmp(t[i].name, t[k].name) == 0)
                return err_set(eb, RF_EINVAL, "cannot write tensor '%s' twice", t[i].name);
    }
    return n <= ST_TENSORS_MAX
               ? RF_OK
               : err_set(eb, RF_ERANGE, "cannot write over %d tensors", ST_TENSORS_MAX);
}

/* Make the file up to the first tensor: the length, the JSON, spaces up to a multiple of 8. */
static int make_header(struct buf *to, const struct tensor *t, size_t n,
                       const char *const *metadata, struct errbuf *eb)
{
    uint64_t at = 0;
    int rc = buf_put(to, "01234567{", LENGTH_BYTES + 1);

    if (rc == RF_OK && metadata && *metadata)
        rc = put_metadata(to, metadata);
    for (size_t i = 0; i < n && rc == RF_OK; i++)
        rc = put_entry(to, &t[i], &at);
    if (rc == RF_EINVAL)
        return err_set(eb, rc, "cannot write a name or text of a tensor file: not UTF-8");
    if (rc != RF_OK || buf_reserve(to, 9) != RF_OK)
        return err_nomem(eb);
    to->len -= to->data[to->len - 1] == ','; /* the comma behind the last entry */
    to->data[to->len++] = '}';
    while (to->len % 8)
        to->data[to->len++] = ' ';
    if (to->len - LENGTH_BYTES > ST_HEADER_MAX_BYTES)
        return err_set(eb, RF_ERANGE, "header of tensors is over the limit of %d MiB",
                       ST_HEADER_MAX_BYTES >> 20);
    put_le64((uint8_t *)to->data, to->len - LENGTH_BYTES);
    return RF_OK;
}

struct sink {
    FILE *file;
    XXH3_state_t *hash;
    uint64_t bytes;
};

/* Write to the file and to the digest. A write error is found when the output is committed. */
static void sink_put(struct sink *s, const void *p, size_t n)
{
    fwrite(p, 1, n, s->file);
    XXH3_128bits_update(s->hash, p, n);
    s->bytes += n;
}

/* Write what a store has. */
static int put_stored(struct sink *s, const struct tensor *t, struct errbuf *eb)
{
    float *some = malloc(AT_A_TIME * sizeof *some);
    size_t all = tensor_count(t);
    int rc = some ? RF_OK : err_nomem(eb);

    for (size_t at = 0; at < all && rc == RF_OK; at += AT_A_TIME) {
        size_t n = all - at < AT_A_TIME ? all - at : AT_A_TIME;

        rc = t->store->get(t->store->self, t, at, n, some, eb);
        if (rc == RF_OK)
            sink_put(s, some, n * sizeof *some);
    }
    free(some);
    return rc;
}

static int write_all(const char *path, const struct buf *header, const struct tensor *t,
                     size_t n, struct sink *s, struct errbuf *eb)
{
    struct output *o = NULL;
    int rc = output_open(&o, path, OUTPUT_BINARY, eb);

    if (rc != RF_OK)
        return rc;
    s->file = output_file(o);
    sink_put(s, header->data, header->len);
    for (size_t i = 0; i < n && rc == RF_OK; i++)
        if (t[i].store)
            rc = put_stored(s, &t[i], eb);
        else
            sink_put(s, t[i].data, tensor_count(&t[i]) * sizeof *t[i].data);
    return output_end(o, rc, eb);
}

int st_write(const char *path, const struct tensor *t, size_t n, const char *const *metadata,
             struct st_sum *sum, struct errbuf *eb)
{
    struct sink s = {.hash = XXH3_createState()};
    struct buf header = {0};
    XXH128_canonical_t digest;
    int rc = s.hash ? RF_OK : err_nomem(eb);

    if (rc == RF_OK && (rc = check_names(t, n, eb)) == RF_OK &&
        (rc = make_header(&header, t, n, metadata, eb)) == RF_OK) {
        XXH3_128bits_reset(s.hash);
        rc = write_all(path, &header, t, n, &s, eb);
        XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(s.hash));
    }
    if (rc == RF_OK && sum) {
        sum->bytes = s.bytes;
        memcpy(sum->digest, digest.digest, sizeof sum->digest);
    }
    buf_free(&header);
    XXH3_freeState(s.hash);
    return rc;
}
