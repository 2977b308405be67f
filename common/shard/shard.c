/* shard.c: the frames of rf-shard(5) as bytes. Writer and reader share this. */
#include <string.h>
#include <xxhash.h>

#include "base/bytes.h"
#include "base/utf8.h"
#include "base/words.h"
#include "shard/shard_format.h"

const char *const shard_kind_names[] = {"tokens", "sequences", "masked", "qa", "classes", NULL};
const char *const shard_coding_names[] = {"plain", "packed", NULL};

static const uint8_t signature[8] = {0x89, 'R', 'F', 'S', '\r', '\n', 0x1A, '\n'};

void shard_digest64(uint8_t out[DIGEST64_BYTES], const void *p, size_t n)
{
    XXH64_canonical_t c;

    XXH64_canonicalFromHash(&c, XXH3_64bits(p, n));
    memcpy(out, c.digest, DIGEST64_BYTES);
}

void shard_digest128(uint8_t out[DIGEST128_BYTES], const void *p, size_t n)
{
    XXH128_canonical_t c;

    XXH128_canonicalFromHash(&c, XXH3_128bits(p, n));
    memcpy(out, c.digest, DIGEST128_BYTES);
}

void shard_put_numbers(struct buf *to, const uint32_t *numbers, size_t n, size_t width)
{
    uint8_t *p = (uint8_t *)to->data + to->len;

    if (width == 2)
        for (size_t i = 0; i < n; i++)
            put_le16(p + 2 * i, (uint16_t)numbers[i]);
    else
        for (size_t i = 0; i < n; i++)
            put_le32(p + 4 * i, numbers[i]);
    to->len += n * width;
}

uint32_t shard_get_numbers(uint32_t *to, const uint8_t *p, size_t n, size_t width)
{
    uint32_t top = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t v = width == 2 ? get_le16(p + 2 * i) : get_le32(p + 4 * i);

        top = v > top ? v : top;
        to[i] = v;
    }
    return top;
}

/* Returns what is wrong with a chain, or NULL. It must be text without control characters in
 * which each line has an end. */
static const char *chain_fault(const char *chain)
{
    size_t n = strlen(chain);

    if (n > SHARD_CHAIN_MAX_BYTES)
        return "a provenance chain that is too long";
    if (n && chain[n - 1] != '\n')
        return "a provenance chain without its last line end";
    if (utf8_check(chain, n) != n)
        return "a provenance chain that is not UTF-8";
    for (; *chain; chain++)
        if ((*chain > 0 && *chain < ' ' && *chain != '\n') || *chain == 0x7F)
            return "a control character in its provenance chain";
    return NULL;
}

/* Returns what is wrong with the names of classes, or NULL. */
static const char *classes_fault(const char *classes)
{
    size_t n = strlen(classes), count = 0, len;

    if (n > SHARD_CLASSES_MAX_BYTES || classes[n - 1] != '\n' || utf8_check(classes, n) != n)
        return "names of classes that are too long, or no lines of UTF-8";
    for (const char *name = classes; *name; name += len + 1) {
        len = strcspn(name, "\n");
        if (len == 0 || ++count > SHARD_CLASSES_MAX)
            return "a class without a name, or too many classes";
        for (size_t i = 0; i < len; i++)
            if ((name[i] >= 0 && name[i] < ' ') || name[i] == 0x7F)
                return "a control character in the name of a class";
        for (const char *other = classes; other < name; other += strcspn(other, "\n") + 1)
            if (strncmp(other, name, len + 1) == 0)
                return "two classes of one name";
    }
    return NULL;
}

uint32_t shard_label_limit(const struct shard_info *info)
{
    switch (info->kind) {
    case SHARD_QA: return info->max_len;
    case SHARD_CLASSES: return (uint32_t)lines_in(info->classes);
    default: return info->vocab_size;
    }
}

static const char *answer_fault(const struct shard_record *r)
{
    uint32_t first, last, start, end;

    if (r->n_labels != 2)
        return "no place of a passage and of an answer";
    first = r->positions[0];
    last = r->positions[1];
    start = (uint32_t)r->labels[0];
    end = (uint32_t)r->labels[1];
    if (first == 0 || first > last || last >= r->n_ids)
        return "a passage outside of its sequence";
    if ((start || end) && (start < first || start > end || end > last))
        return "an answer outside of its passage";
    return NULL;
}

const char *shard_labels_fault(enum shard_kind kind, uint32_t limit,
                               const struct shard_record *r)
{
    if (kind == SHARD_QA)
        return answer_fault(r);
    for (size_t i = 0; i < r->n_labels; i++)
        if ((uint32_t)r->labels[i] >= limit)
            return kind == SHARD_CLASSES ? "a class that has no name"
                                         : "a label beyond the vocabulary";
    if (kind == SHARD_CLASSES)
        return r->n_labels == 1 && r->positions[0] == 0 ? NULL : "no class, or several";
    for (size_t i = 0; i < r->n_labels; i++)
        if (r->positions[i] >= r->n_ids || (i && r->positions[i] <= r->positions[i - 1]))
            return "label positions that do not ascend or lie outside";
    return NULL;
}

const char *shard_info_fault(const struct shard_info *info)
{
    const struct special_ids *s = &info->special;
    const int32_t special[] = {s->pad, s->unk, s->cls, s->sep, s->mask};
    const char *fault;

    if (info->kind < SHARD_TOKENS || info->kind > SHARD_CLASSES)
        return "a kind that is not known";
    if (info->coding != SHARD_PLAIN &&
        (info->coding != SHARD_PACKED || info->vocab_size > SHARD_PACKED_MAX_IDS))
        return "a coding that cannot be";
    if (info->vocab_size == 0 || info->vocab_size > INT32_MAX)
        return "a vocabulary size that cannot be";
    if ((info->kind == SHARD_TOKENS) != (info->max_len == 0) ||
        info->max_len > SHARD_RECORD_MAX_TOKENS)
        return "a maximum length that cannot be";
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i] < -1 || special[i] >= (int64_t)info->vocab_size)
            return "a special token beyond its vocabulary";
    if ((info->kind == SHARD_CLASSES) != (info->classes && *info->classes))
        return "names of classes without classes, or classes without names";
    if (info->kind == SHARD_CLASSES && (fault = classes_fault(info->classes)))
        return fault;
    return info->chain ? chain_fault(info->chain) : NULL;
}

int shard_chain_add(struct buf *chain, const char *before, const char *tool,
                    const struct opt *opts, const void *cfg, const char *more)
{
    struct buf options = {0};
    int rc = opt_describe(opts, cfg, &options);

    if (rc == RF_OK)
        rc = buf_printf(chain, "%s%s%s%s%s%s\n", before ? before : "", tool,
                        options.len ? " " : "", options.len ? options.data : "",
                        more ? " " : "", more ? more : "");
    buf_free(&options);
    return rc;
}

int shard_put_header(struct buf *to, const struct shard_info *info)
{
    const char *chain = info->chain ? info->chain : "";
    const char *classes = info->classes ? info->classes : "";
    size_t start = to->len, n = strlen(chain), names = strlen(classes);
    uint8_t p[HEADER_FIXED_BYTES] = {0}, digest[DIGEST128_BYTES];

    put_le32(p, FRAME_MAGIC_HEADER);
    put_le32(p + 4,
             (uint32_t)(HEADER_FIXED_BYTES - FRAME_HEAD_BYTES + n + names + DIGEST128_BYTES));
    memcpy(p + 8, signature, sizeof signature);
    p[16] = SHARD_VERSION;
    p[17] = (uint8_t)info->kind;
    p[18] = (uint8_t)shard_id_bytes(info);
    p[19] = (uint8_t)info->coding;
    put_le32(p + 20, info->vocab_size);
    put_le32(p + 24, info->max_len);
    put_le32(p + 28, (uint32_t)info->special.pad);
    put_le32(p + 32, (uint32_t)info->special.unk);
    put_le32(p + 36, (uint32_t)info->special.cls);
    put_le32(p + 40, (uint32_t)info->special.sep);
    put_le32(p + 44, (uint32_t)info->special.mask);
    memcpy(p + 48, info->vocab_digest, SHARD_DIGEST_BYTES);
    put_le32(p + 64, (uint32_t)n);
    put_le32(p + 68, (uint32_t)names);
    if (buf_put(to, p, sizeof p) != RF_OK || buf_put(to, chain, n) != RF_OK ||
        buf_put(to, classes, names) != RF_OK)
        return RF_ENOMEM;
    shard_digest128(digest, to->data + start, to->len - start);
    return buf_put(to, digest, sizeof digest);
}

const char *shard_get_header(struct shard_info *info, uint32_t *chain_bytes,
                             uint32_t *classes_bytes, const uint8_t p[HEADER_FIXED_BYTES])
{
    uint32_t n = get_le32(p + 64), names = get_le32(p + 68);

    if (get_le32(p) != FRAME_MAGIC_HEADER || memcmp(p + 8, signature, sizeof signature) != 0)
        return "is not a shard";
    if (p[16] != SHARD_VERSION)
        return "is a shard of another version than this program's";
    if (p[17] != SHARD_CLASSES && names != 0)
        return "has a header with reserved bits or a wrong id width";
    if (n > SHARD_CHAIN_MAX_BYTES || names > SHARD_CLASSES_MAX_BYTES ||
        get_le32(p + 4) != HEADER_FIXED_BYTES - FRAME_HEAD_BYTES + n + names + DIGEST128_BYTES)
        return "has a header of a wrong size";
    *info = (struct shard_info){
        .kind = (enum shard_kind)p[17],
        .coding = p[19],
        .vocab_size = get_le32(p + 20),
        .max_len = get_le32(p + 24),
        .special = {(int32_t)get_le32(p + 28), (int32_t)get_le32(p + 32),
                    (int32_t)get_le32(p + 36), (int32_t)get_le32(p + 40),
                    (int32_t)get_le32(p + 44)},
    };
    memcpy(info->vocab_digest, p + 48, SHARD_DIGEST_BYTES);
    if (p[18] != shard_id_bytes(info))
        return "has a header with reserved bits or a wrong id width";
    *chain_bytes = n;
    *classes_bytes = names;
    return NULL;
}

void shard_put_lead(uint8_t p[LEAD_BYTES], const struct shard_lead *lead)
{
    put_le32(p, FRAME_MAGIC_LEAD);
    put_le32(p + 4, LEAD_BYTES - FRAME_HEAD_BYTES);
    put_le32(p + 8, lead->data_bytes);
    put_le32(p + 12, lead->payload_bytes);
    put_le64(p + 16, lead->first_record);
    put_le32(p + 24, lead->records);
    put_le32(p + 28, lead->tokens);
    memcpy(p + 32, lead->digest, DIGEST64_BYTES);
    shard_digest64(p + 40, p, 40);
}

int shard_get_lead(struct shard_lead *lead, const uint8_t p[LEAD_BYTES])
{
    uint8_t digest[DIGEST64_BYTES];

    shard_digest64(digest, p, 40);
    if (memcmp(digest, p + 40, sizeof digest) != 0 ||
        get_le32(p + 4) != LEAD_BYTES - FRAME_HEAD_BYTES)
        return 0;
    *lead = (struct shard_lead){.data_bytes = get_le32(p + 8),
                                .payload_bytes = get_le32(p + 12),
                                .first_record = get_le64(p + 16),
                                .records = get_le32(p + 24),
                                .tokens = get_le32(p + 28)};
    memcpy(lead->digest, p + 32, DIGEST64_BYTES);
    return lead->records > 0 && lead->payload_bytes <= SHARD_FRAME_MAX_BYTES &&
           lead->data_bytes <= DATA_FRAME_MAX_BYTES;
}

int shard_put_entry(struct buf *index, uint64_t offset, uint64_t first_record)
{
    uint8_t p[INDEX_ENTRY_BYTES];

    put_le64(p, offset);
    put_le64(p + 8, first_record);
    return buf_put(index, p, sizeof p);
}

int shard_put_end(struct buf *to, const struct buf *index, const struct shard_sums *sums)
{
    size_t start = to->len;
    uint8_t head[FRAME_HEAD_BYTES], tail[40] = {0}, digest[DIGEST64_BYTES];

    put_le32(head, FRAME_MAGIC_END);
    put_le32(head + 4, (uint32_t)(index->len + END_TAIL_BYTES));
    put_le64(tail, sums->bytes);
    put_le64(tail + 8, sums->records);
    put_le64(tail + 16, sums->tokens);
    put_le64(tail + 24, sums->labels);
    put_le32(tail + 32, sums->frames);
    if (buf_put(to, head, sizeof head) != RF_OK ||
        buf_put(to, index->data, index->len) != RF_OK ||
        buf_put(to, tail, sizeof tail) != RF_OK)
        return RF_ENOMEM;
    shard_digest64(digest, to->data + start, to->len - start);
    return buf_put(to, digest, sizeof digest);
}
