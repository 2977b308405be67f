#include "shard/shard_text.h"

#include <string.h>

#include "shard/shard_format.h"
#include "base/json_put.h"
#include "base/words.h"

struct shard_info shard_vocab_info(enum shard_kind kind, const struct vocab *v)
{
    struct shard_info info = {
        .kind = kind, .vocab_size = (uint32_t)vocab_size(v), .special = vocab_special(v)};

    memcpy(info.vocab_digest, vocab_digest(v), SHARD_DIGEST_BYTES);
    return info;
}

int shard_vocab_read(struct vocab **v, const char *name, const struct shard_info *info,
                     struct errbuf *eb)
{
    int rc;

    *v = NULL;
    if ((rc = vocab_read(v, name, NULL, eb)) != RF_OK)
        return rc;
    if (memcmp(vocab_digest(*v), info->vocab_digest, SHARD_DIGEST_BYTES) == 0 &&
        vocab_size(*v) == info->vocab_size)
        return RF_OK;
    vocab_free(*v);
    *v = NULL;
    return err_set(eb, RF_EFORMAT, "'%s' is not the vocabulary of this shard", name);
}

static int put_id(struct buf *to, int32_t id, const struct vocab *v)
{
    size_t len;
    const char *token;

    if (!v)
        return buf_put_uint(to, (uint64_t)id);
    token = vocab_token(v, id, &len);
    return buf_put(to, token, len);
}

static int put_ids(struct buf *to, const int32_t *ids, size_t n, const struct vocab *v,
                   const char *end)
{
    for (size_t i = 0; i < n; i++)
        if ((i && buf_put(to, " ", 1) != RF_OK) || put_id(to, ids[i], v) != RF_OK)
            return RF_ENOMEM;
    return buf_put(to, end, 1);
}

static int put_class(struct buf *to, const struct shard_info *info, int32_t class)
{
    size_t len;
    const char *name = line_of(info->classes, (size_t) class, &len);

    return buf_put(to, name, len);
}

/* The place of the passage, and that of the answer in it. */
static int put_answer(struct buf *to, const struct shard_record *r)
{
    return buf_printf(to, "%u-%u\t%d-%d\n", r->positions[0], r->positions[1], r->labels[0],
                      r->labels[1]);
}

static int put_labels(struct buf *to, const struct shard_info *info,
                      const struct shard_record *r, const struct vocab *v)
{
    if (info->kind == SHARD_QA)
        return put_answer(to, r);
    if (info->kind == SHARD_CLASSES)
        return put_class(to, info, r->labels[0]) == RF_OK ? buf_put(to, "\n", 1) : RF_ENOMEM;
    for (size_t i = 0; i < r->n_labels; i++)
        if ((i && buf_put(to, " ", 1) != RF_OK) || buf_put_uint(to, r->positions[i]) != RF_OK ||
            buf_put(to, ":", 1) != RF_OK || put_id(to, r->labels[i], v) != RF_OK)
            return RF_ENOMEM;
    return buf_put(to, "\n", 1);
}

int shard_text_put(struct buf *to, const struct shard_info *info, const struct shard_record *r,
                   const struct vocab *v)
{
    const int32_t *ids = r->ids;

    if (info->kind == SHARD_SEQUENCES)
        return put_ids(to, ids, r->n_ids, v, "\n");
    if (shard_has_labels(info))
        return put_ids(to, ids, r->n_ids, v, "\t") == RF_OK ? put_labels(to, info, r, v)
                                                            : RF_ENOMEM;
    for (size_t i = 0; i < r->n_lens; ids += r->lens[i++])
        if (put_ids(to, ids, r->lens[i], v, "\n") != RF_OK)
            return RF_ENOMEM;
    return buf_put(to, "\n", 1);
}

static int put_json_id(struct buf *to, int32_t id, const struct vocab *v)
{
    size_t len;
    const char *token;

    if (!v)
        return buf_put_uint(to, (uint64_t)id);
    token = vocab_token(v, id, &len);
    return json_put_string(to, token, len, JSON_CODES);
}

static int put_array(struct buf *to, const int32_t *ids, size_t n, const struct vocab *v)
{
    if (buf_put(to, "[", 1) != RF_OK)
        return RF_ENOMEM;
    for (size_t i = 0; i < n; i++)
        if ((i && buf_put(to, ",", 1) != RF_OK) || put_json_id(to, ids[i], v) != RF_OK)
            return RF_ENOMEM;
    return buf_put(to, "]", 1);
}

static int put_sentences(struct buf *to, const struct shard_record *r, const struct vocab *v)
{
    const int32_t *ids = r->ids;

    for (size_t i = 0; i < r->n_lens; ids += r->lens[i++])
        if (buf_put(to, i ? "," : "[", 1) != RF_OK ||
            put_array(to, ids, r->lens[i], v) != RF_OK)
            return RF_ENOMEM;
    return buf_printf(to, r->n_lens ? "]" : "[]");
}

static int put_json_labels(struct buf *to, const struct shard_info *info,
                           const struct shard_record *r, const struct vocab *v)
{
    const struct vocab *tokens = info->kind == SHARD_MASKED ? v : NULL;
    const char *name;
    size_t len;

    if (info->kind == SHARD_CLASSES) {
        name = line_of(info->classes, (size_t)r->labels[0], &len);
        return buf_printf(to, ",\"class\":") == RF_OK
                   ? json_put_string(to, name, len, JSON_CODES)
                   : RF_ENOMEM;
    }
    if (buf_printf(to, ",\"%s\":", info->kind == SHARD_QA ? "passage" : "positions") != RF_OK ||
        put_array(to, (const int32_t *)r->positions, r->n_labels, NULL) != RF_OK ||
        buf_printf(to, ",\"%s\":", info->kind == SHARD_QA ? "answer" : "labels") != RF_OK)
        return RF_ENOMEM;
    return put_array(to, r->labels, r->n_labels, tokens);
}

int shard_text_json(struct buf *to, const struct shard_info *info, const struct shard_record *r,
                    const struct vocab *v)
{
    if (buf_printf(to, "{\"doc\":%llu,\"%s\":", (unsigned long long)r->doc,
                   info->kind == SHARD_TOKENS ? "sentences" : "ids") != RF_OK ||
        (info->kind == SHARD_TOKENS ? put_sentences(to, r, v)
                                    : put_array(to, r->ids, r->n_ids, v)) != RF_OK)
        return RF_ENOMEM;
    if (shard_has_labels(info) && put_json_labels(to, info, r, v) != RF_OK)
        return RF_ENOMEM;
    return buf_put(to, "}\n", 2);
}

static int put_field(struct buf *to, const char *name, uint64_t value)
{
    return buf_printf(to, "%s: %llu\n", name, (unsigned long long)value);
}

static int put_header(struct buf *to, const struct shard_info *info)
{
    const struct special_ids *s = &info->special;

    if (buf_printf(to, "kind: %s\n", shard_kind_names[info->kind - 1]) != RF_OK ||
        buf_printf(to, "coding: %s\n", shard_coding_names[info->coding]) != RF_OK ||
        put_field(to, "max-len", info->max_len) != RF_OK ||
        put_field(to, "id-bytes", shard_id_bytes(info)) != RF_OK ||
        put_field(to, "vocab-size", info->vocab_size) != RF_OK ||
        buf_printf(to, "vocab-digest: ") != RF_OK)
        return RF_ENOMEM;
    for (int i = 0; i < SHARD_DIGEST_BYTES; i++)
        if (buf_printf(to, "%02x", info->vocab_digest[i]) != RF_OK)
            return RF_ENOMEM;
    return buf_printf(to, "\nspecial: [PAD] %d [UNK] %d [CLS] %d [SEP] %d [MASK] %d\n", s->pad,
                      s->unk, s->cls, s->sep, s->mask);
}

static int put_lines(struct buf *to, const char *name, const char *lines)
{
    for (const char *end; lines && *lines; lines = end + 1) {
        end = strchr(lines, '\n');
        if (buf_printf(to, "%s: %.*s\n", name, (int)(end - lines), lines) != RF_OK)
            return RF_ENOMEM;
    }
    return RF_OK;
}

int shard_text_info(struct buf *to, const struct shard_info *info,
                    const struct shard_totals *totals)
{
    if (put_header(to, info) != RF_OK || put_lines(to, "class", info->classes) != RF_OK ||
        put_field(to, "parts", totals->parts) != RF_OK ||
        put_field(to, "frames", totals->frames) != RF_OK ||
        put_field(to, "records", totals->records) != RF_OK ||
        put_field(to, "tokens", totals->tokens) != RF_OK ||
        put_field(to, "labels", totals->labels) != RF_OK)
        return RF_ENOMEM;
    return put_lines(to, "provenance", info->chain);
}

int shard_text_totals(struct buf *to, const struct shard_totals *t)
{
    return buf_printf(to,
                      "ok: records %llu, tokens %llu, labels %llu, frames %llu, parts %llu\n",
                      (unsigned long long)t->records, (unsigned long long)t->tokens,
                      (unsigned long long)t->labels, (unsigned long long)t->frames,
                      (unsigned long long)t->parts);
}
