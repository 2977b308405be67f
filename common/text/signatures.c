/* signatures.c: the signatures of a text's documents, written and read. */
#include "text/signatures.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/bytes.h"

static const char magic[8] = {'R', 'F', 'S', 'I', 'G', 'N', 'S', '1'};

enum { HAS_HASH = 1, HAS_MINHASH = 2, END = 0xFF, MINHASH_BYTES = 4 * MINHASH_N };

/* --- writing */

struct signature_writer {
    struct output *out;
    XXH3_state_t *digest;
    uint64_t n;
};

static void write_bytes(struct signature_writer *w, const void *p, size_t n)
{
    XXH3_64bits_update(w->digest, p, n);
    fwrite(p, 1, n, output_file(w->out));
}

static void write_u64(struct signature_writer *w, uint64_t v)
{
    uint8_t bytes[8];

    put_le64(bytes, v);
    write_bytes(w, bytes, sizeof bytes);
}

int signatures_create(struct signature_writer **out, const char *name, uint64_t settings,
                      struct errbuf *eb)
{
    struct signature_writer *w = calloc(1, sizeof *w);
    int rc;

    if (!w || !(w->digest = XXH3_createState())) {
        free(w);
        return err_nomem(eb);
    }
    if ((rc = output_open(&w->out, name, OUTPUT_BINARY, eb)) != RF_OK) {
        XXH3_freeState(w->digest);
        free(w);
        return rc;
    }
    XXH3_64bits_reset(w->digest);
    write_bytes(w, magic, sizeof magic);
    write_u64(w, settings);
    *out = w;
    return RF_OK;
}

void signatures_put(struct signature_writer *w, const struct signature *s)
{
    uint8_t flags =
        (uint8_t)((s->has_hash ? HAS_HASH : 0) | (s->has_minhash ? HAS_MINHASH : 0));
    uint8_t least[MINHASH_BYTES];

    write_bytes(w, &flags, 1);
    if (s->has_hash)
        write_u64(w, s->hash);
    for (size_t i = 0; i < MINHASH_N; i++)
        put_le32(least + 4 * i, s->m.least[i]);
    if (s->has_minhash)
        write_bytes(w, least, sizeof least);
    w->n++;
}

int signatures_end(struct signature_writer *w, int rc, struct errbuf *eb)
{
    const uint8_t end = END;

    if (!w)
        return rc;
    write_bytes(w, &end, 1);
    write_u64(w, w->n);
    write_u64(w, XXH3_64bits_digest(w->digest));
    rc = output_end(w->out, rc, eb);
    XXH3_freeState(w->digest);
    free(w);
    return rc;
}

/* --- reading */

struct signature_reader {
    struct input *in;
    XXH3_state_t *digest;
    uint64_t settings;
    uint64_t n;  /* records of the present file of those that stand one after the other */
    bool inside; /* its start was read, and its end was not */
};

int signatures_open(struct signature_reader **out, const char *name, uint64_t settings,
                    struct errbuf *eb)
{
    struct signature_reader *r = calloc(1, sizeof *r);
    int rc;

    if (!r || !(r->digest = XXH3_createState())) {
        free(r);
        return err_nomem(eb);
    }
    r->settings = settings;
    if ((rc = input_open(&r->in, name, INPUT_RAW, eb)) != RF_OK) {
        signatures_close(r);
        return rc;
    }
    *out = r;
    return RF_OK;
}

void signatures_close(struct signature_reader *r)
{
    if (!r)
        return;
    input_close(r->in);
    XXH3_freeState(r->digest);
    free(r);
}

/* Read n bytes, which must be there. */
static int read_bytes(struct signature_reader *r, void *p, size_t n, struct errbuf *eb)
{
    size_t got;
    int rc = input_read_full(r->in, p, n, &got, eb);

    if (rc == RF_OK && got < n)
        return err_set(eb, RF_ETRUNC, "'%s' is cut off at byte %llu", input_name(r->in),
                       (unsigned long long)input_offset(r->in));
    if (rc == RF_OK)
        XXH3_64bits_update(r->digest, p, n);
    return rc;
}

static int read_u64(struct signature_reader *r, uint64_t *v, struct errbuf *eb)
{
    uint8_t bytes[8];
    int rc = read_bytes(r, bytes, sizeof bytes, eb);

    if (rc == RF_OK)
        *v = get_le64(bytes);
    return rc;
}

/* Read the start of a file: 1, or 0 where no other one follows. */
static int read_start(struct signature_reader *r, struct errbuf *eb)
{
    char first[sizeof magic];
    uint64_t settings = 0;
    size_t got;
    int rc = input_read_full(r->in, first, sizeof first, &got, eb);

    if (rc != RF_OK || got == 0)
        return rc;
    if (got < sizeof first || memcmp(first, magic, sizeof magic) != 0)
        return err_set(eb, RF_EFORMAT, "'%s' has no signatures at byte %llu", input_name(r->in),
                       (unsigned long long)(input_offset(r->in) - got));
    XXH3_64bits_reset(r->digest);
    XXH3_64bits_update(r->digest, first, sizeof first);
    if ((rc = read_u64(r, &settings, eb)) != RF_OK)
        return rc;
    if (settings != r->settings)
        return err_set(eb, RF_EFORMAT, "the signatures in '%s' were made with other options",
                       input_name(r->in));
    r->n = 0;
    r->inside = true;
    return 1;
}

static int read_end(struct signature_reader *r, struct errbuf *eb)
{
    uint64_t n = 0, digest = 0, expected = 0;
    int rc = read_u64(r, &n, eb);

    if (rc == RF_OK) {
        expected = XXH3_64bits_digest(r->digest);
        rc = read_u64(r, &digest, eb);
    }
    if (rc == RF_OK && (digest != expected || n != r->n))
        return err_set(eb, RF_ECHECK, "checksum wrong in '%s' before byte %llu",
                       input_name(r->in), (unsigned long long)input_offset(r->in));
    r->inside = false;
    return rc;
}

int signatures_next(struct signature_reader *r, struct signature *s, struct errbuf *eb)
{
    uint8_t flags = 0, least[MINHASH_BYTES];
    int rc;

    do {
        if (!r->inside && (rc = read_start(r, eb)) <= 0)
            return rc;
        if ((rc = read_bytes(r, &flags, 1, eb)) != RF_OK ||
            (flags == END && (rc = read_end(r, eb)) != RF_OK))
            return rc;
    } while (flags == END);
    if (flags & ~(HAS_HASH | HAS_MINHASH))
        return err_set(eb, RF_ECHECK, "no signature begins so in '%s' at byte %llu",
                       input_name(r->in), (unsigned long long)input_offset(r->in) - 1);
    *s = (struct signature){.has_hash = flags & HAS_HASH, .has_minhash = flags & HAS_MINHASH};
    if (s->has_hash && (rc = read_u64(r, &s->hash, eb)) != RF_OK)
        return rc;
    if (s->has_minhash && (rc = read_bytes(r, least, sizeof least, eb)) != RF_OK)
        return rc;
    for (size_t i = 0; i < MINHASH_N && s->has_minhash; i++)
        s->m.least[i] = get_le32(least + 4 * i);
    r->n++;
    return 1;
}
