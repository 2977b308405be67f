/* checkpoint_files.c: the texts of a checkpoint, state and MANIFEST, rf-checkpoint(5). */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/io.h"
#include "base/opt.h"
#include "base/words.h"
#include "ckpt/checkpoint_parts.h"

const char *const ckpt_part_names[PARTS] = {"weights.safetensors", "optim.safetensors",
                                            "config.yaml", "state"};

/* --- state: struct ckpt_state with types that an option table knows */

struct state_text {
    struct ckpt_state s;
    struct {
        double mask, pad, unk, cls, sep; /* s.special as real numbers, which must be whole */
    } id;
    const char *vocab_digest, *data_digest;
};

#define COUNT(name, field) OPT_COUNT(0, name, struct state_text, field, 0, 0x1p63, "n", "")
#define REAL(name, field)  OPT_REAL(0, name, struct state_text, field, -1e300, 1e300, "x", "")
#define ID(name, field)    OPT_REAL(0, name, struct state_text, field, -1, 0x7FFFFFFF, "id", "")
static const struct opt state_rows[] = {
    COUNT("step", s.step),
    COUNT("tokens", s.tokens),
    COUNT("log_bytes", s.log_bytes),
    COUNT("vocab_size", s.vocab_size),
    ID("mask_id", id.mask),
    ID("pad_id", id.pad),
    ID("unk_id", id.unk),
    ID("cls_id", id.cls),
    ID("sep_id", id.sep),
    COUNT("max_len", s.max_len),
    OPT_TEXT(0, "vocab_digest", struct state_text, vocab_digest, "hex", ""),
    OPT_REAL(0, "seconds", struct state_text, s.seconds, 0, 1e18, "s", ""),
    COUNT("skipped", s.skipped),
    COUNT("skipped_in_row", s.skipped_in_row),
    OPT_TEXT(0, "data_digest", struct state_text, data_digest, "hex", ""),
    REAL("log_loss", s.window.loss),
    REAL("log_acc", s.window.acc),
    REAL("log_norm", s.window.norm),
    COUNT("log_steps", s.window.steps),
    OPT_FLAG(0, "evaluated", struct state_text, s.window.evaluated, ""),
    COUNT("best_step", s.best_step),
    REAL("best_loss", s.best_loss),
    COUNT("worse", s.worse),
    COUNT("decay_step", s.decay_step),
    OPT_REAL(0, "decay_done", struct state_text, s.decay_done, 0, 1, "x", ""),
    COUNT("optim_updates", s.optim_updates),
    OPT_FLAG(0, "limit_reached", struct state_text, s.limit_reached, ""),
    OPT_TEXT(0, "classes", struct state_text, s.classes, "names", ""),
    OPT_END};

static void put_hex(char *out, const uint8_t *digest)
{
    for (size_t i = 0; i < CKPT_DIGEST_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

/* Read exactly 32 lower-case digits. False if there is anything else. */
static bool get_hex(uint8_t *digest, const char *text)
{
    static const char digits[] = "0123456789abcdef";

    if (!text || strlen(text) != 2 * CKPT_DIGEST_BYTES ||
        strspn(text, digits) != 2 * CKPT_DIGEST_BYTES)
        return false;
    for (size_t i = 0; i < CKPT_DIGEST_BYTES; i++)
        digest[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) << 4 |
                              (strchr(digits, text[2 * i + 1]) - digits));
    return true;
}

int ckpt_format_state(struct buf *to, const struct ckpt_state *s)
{
    char vocab[2 * CKPT_DIGEST_BYTES + 1], data[2 * CKPT_DIGEST_BYTES + 1];
    struct state_text t = {
        .s = *s,
        .id = {s->special.mask, s->special.pad, s->special.unk, s->special.cls, s->special.sep},
        .vocab_digest = vocab,
        .data_digest = data,
    };

    put_hex(vocab, s->vocab_digest);
    put_hex(data, s->data_digest);
    return opt_write_yaml(state_rows, &t, to);
}

/* Read the ids. They are used as indices of arrays of vocab_size, and the file may come from
 * anywhere, so they are checked. */
static int get_ids(struct state_text *t, const char *path, struct errbuf *eb)
{
    const struct {
        const char *name;
        double value;
        int32_t *to;
    } ids[] = {{"mask_id", t->id.mask, &t->s.special.mask},
               {"pad_id", t->id.pad, &t->s.special.pad},
               {"unk_id", t->id.unk, &t->s.special.unk},
               {"cls_id", t->id.cls, &t->s.special.cls},
               {"sep_id", t->id.sep, &t->s.special.sep}};

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        *ids[i].to = (int32_t)ids[i].value; /* the row keeps it within int32_t */
        if (*ids[i].to != ids[i].value || ids[i].value >= (double)t->s.vocab_size)
            return err_set(eb, RF_EFORMAT, "'%s': %s is %.10g, with a vocabulary of %llu", path,
                           ids[i].name, ids[i].value, (unsigned long long)t->s.vocab_size);
    }
    return RF_OK;
}

/* Names of classes are lines, and none is empty. */
static int check_classes(const char *classes, const char *path, struct errbuf *eb)
{
    for (const char *p = classes; p && *p; p += strcspn(p, "\n") + 1)
        if (*p == '\n' || !strchr(p, '\n'))
            return err_set(eb, RF_EFORMAT, "'%s': classes are no lines of names", path);
    return RF_OK;
}

int ckpt_parse_state(struct ckpt_state *s, struct opt_strings *keep, const struct buf *text,
                     const char *path, struct errbuf *eb)
{
    struct state_text t = {.id = {-1, -1, -1, -1, -1}};
    int rc =
        opt_read_yaml(state_rows, &t, text->data ? text->data : "", text->len, path, keep, eb);

    if (rc == RF_OK)
        rc = get_ids(&t, path, eb);
    if (rc == RF_OK && (!get_hex(t.s.vocab_digest, t.vocab_digest) ||
                        (t.data_digest && !get_hex(t.s.data_digest, t.data_digest))))
        rc = err_set(eb, RF_EFORMAT, "no digest of the vocabulary or the data in '%s'", path);
    if (rc == RF_OK)
        rc = check_classes(t.s.classes, path, eb);
    if (rc == RF_OK)
        *s = t.s;
    return rc == RF_EUSAGE ? RF_EFORMAT : rc;
}

/* --- MANIFEST */

static const char version_line[] = "rf-checkpoint 1\n";

/* A line is "digest size name\n". The last line has neither size nor name. */
enum { HEX = 2 * CKPT_DIGEST_BYTES, LAST_LINE = HEX + 1 };

/* Bytes of a file that are summed at once, so few that caches hold them until they are looked
 * at. */
enum { SUM_BLOCK = 1 << 20 };

static struct st_sum sum_of(uint64_t bytes, XXH128_hash_t hash)
{
    struct st_sum s = {.bytes = bytes};
    XXH128_canonical_t c;

    XXH128_canonicalFromHash(&c, hash);
    memcpy(s.digest, c.digest, sizeof s.digest);
    return s;
}

struct st_sum sum_bytes(const void *p, size_t n)
{
    return sum_of(n, XXH3_128bits(p, n));
}

/* Two threads share it: one reads the next block while the other adds this one to the sum. To
 * start with large weights takes a fifth less so, and less again as they are not looked at a
 * second time for what is not finite. */
static int sum_input(struct st_sum *sum, struct input *in, char *block, char *next,
                     XXH3_state_t *hash, struct errbuf *eb)
{
    size_t n, n_next = 0;
    bool finite = true;
    int rc = input_read_full(in, block, SUM_BLOCK, &n, eb);

    XXH3_128bits_reset(hash);
    while (rc == RF_OK && n) {
        char *done = block;

#pragma omp parallel sections num_threads(2) if (n == SUM_BLOCK)
        {
#pragma omp section
            {
                XXH3_128bits_update(hash, block, n);
                finite = finite && st_are_finite(block, n / sizeof(float));
            }
#pragma omp section
            rc = input_read_full(in, next, SUM_BLOCK, &n_next, eb);
        }
        block = next;
        next = done;
        n = n_next;
    }
    if (rc == RF_OK) {
        *sum = sum_of(input_offset(in), XXH3_128bits_digest(hash));
        sum->finite = finite;
    }
    return rc;
}

static int sum_file(struct st_sum *sum, const char *path, struct errbuf *eb)
{
    XXH3_state_t *hash = XXH3_createState();
    char *blocks = malloc(2 * (size_t)SUM_BLOCK);
    struct input *in = NULL;
    int rc = hash && blocks ? input_open(&in, path, INPUT_FILE, eb) : err_nomem(eb);

    if (rc == RF_OK)
        rc = sum_input(sum, in, blocks, blocks + SUM_BLOCK, hash, eb);
    input_close(in);
    free(blocks);
    XXH3_freeState(hash);
    return rc;
}

static int put_part_line(struct buf *to, const struct st_sum *sum, const char *name)
{
    char hex[HEX + 1];

    put_hex(hex, sum->digest);
    return buf_printf(to, "%s %llu %s\n", hex, (unsigned long long)sum->bytes, name);
}

static int put_last_line(struct buf *to)
{
    struct st_sum sum = sum_bytes(to->data, to->len);
    char hex[HEX + 1];

    put_hex(hex, sum.digest);
    return buf_printf(to, "%s\n", hex);
}

int ckpt_format_manifest(struct buf *to, const struct st_sum sums[PARTS])
{
    int rc = buf_printf(to, "%s", version_line);

    for (size_t i = 0; i < PARTS && rc == RF_OK; i++)
        rc = put_part_line(to, &sums[i], ckpt_part_names[i]);
    return rc == RF_OK ? put_last_line(to) : rc;
}

/* Check the manifest itself. A whole one ends with the digest of the text before it. */
static int check_itself(const struct buf *m, const char *path, struct errbuf *eb)
{
    struct buf copy = {0};
    bool same;

    if (m->len <= LAST_LINE)
        return err_set(eb, RF_ETRUNC, "'%s' ends too early", path);
    if (buf_put(&copy, m->data, m->len - LAST_LINE) != RF_OK || put_last_line(&copy) != RF_OK) {
        buf_free(&copy);
        return err_nomem(eb);
    }
    same = memcmp(copy.data, m->data, m->len) == 0;
    buf_free(&copy);
    if (!same)
        return err_set(eb, RF_ECHECK, "checksum wrong in '%s', or it is cut", path);
    if (strncmp(m->data, version_line, strlen(version_line)) != 0)
        return err_set(eb, RF_EINVAL, "'%s' is of a version this program does not know", path);
    return RF_OK;
}

/* Say that a file of a checkpoint is missing, if it is: that is damage, while a file that is
 * there and cannot be opened may be as it was. */
static int check_there(const char *path, struct errbuf *eb)
{
    struct stat st;

    if (lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
        return RF_OK;
    return err_set(eb, RF_ETRUNC, "'%s' is missing", path);
}

/* The size of a file, and the digest that its line of the manifest gives it. */
static int sum_unread(struct st_sum *sum, const char *path, const char *line, struct errbuf *eb)
{
    char hex[HEX + 1] = {0};
    struct stat st;

    if (stat(path, &st) != 0)
        return err_set(eb, RF_EIO, "cannot open '%s': %s", path, strerror(errno));
    memcpy(hex, line, strnlen(line, HEX));
    *sum = (struct st_sum){.bytes = (uint64_t)st.st_size};
    (void)get_hex(sum->digest, hex); /* if it is none, the line will not be the same */
    return RF_OK;
}

/* Check a file. Its line must be the one that its bytes would get now; if it is not `read`, its
 * digest is believed. *at moves behind the line. */
static int check_file(const char *folder, enum ckpt_part part, bool read, const char **at,
                      struct st_sum *sum, struct errbuf *eb)
{
    char *path = path_join(folder, ckpt_part_names[part]);
    struct buf line = {0};
    int rc = path ? check_there(path, eb) : err_nomem(eb);

    if (rc == RF_OK)
        rc = read ? sum_file(sum, path, eb) : sum_unread(sum, path, *at, eb);
    if (rc == RF_OK && put_part_line(&line, sum, ckpt_part_names[part]) != RF_OK)
        rc = err_nomem(eb);
    if (rc == RF_OK && strncmp(*at, line.data, line.len) != 0) {
        unsigned long long wanted = strlen(*at) > HEX ? strtoull(*at + HEX, NULL, 10) : 0;

        if (wanted != sum->bytes)
            rc = err_set(eb, sum->bytes < wanted ? RF_ETRUNC : RF_ECHECK,
                         "'%s' has %llu %s, its manifest says %llu", path,
                         (unsigned long long)sum->bytes, plural(sum->bytes, "byte", "bytes"),
                         wanted);
        else
            rc = err_set(eb, RF_ECHECK, "checksum wrong in '%s'", path);
    }
    *at += line.len;
    buf_free(&line);
    free(path);
    return rc;
}

int ckpt_check(const char *folder, enum ckpt_part unread, struct st_sum sums[PARTS],
               struct errbuf *eb)
{
    char *path = path_join(folder, "MANIFEST");
    struct buf m = {0};
    const char *at;
    int rc = path ? check_there(path, eb) : err_nomem(eb);

    if (rc == RF_OK)
        rc = input_slurp(&m, path, INPUT_FILE, MANIFEST_MAX_BYTES, eb);
    if (rc == RF_ERANGE) /* no manifest is so long */
        rc = RF_EFORMAT;
    if (rc == RF_OK)
        rc = check_itself(&m, path, eb);
    at = rc == RF_OK ? m.data + strlen(version_line) : NULL;
    for (int part = 0; part < PARTS && rc == RF_OK; part++)
        rc =
            check_file(folder, (enum ckpt_part)part, part != (int)unread, &at, &sums[part], eb);
    if (rc == RF_OK && strlen(at) != LAST_LINE)
        rc = err_set(eb, RF_EFORMAT, "more lines than files in '%s'", path);
    buf_free(&m);
    free(path);
    return rc;
}
