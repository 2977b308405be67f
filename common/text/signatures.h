/*
 * signatures.h: what a text's later parts must know of its earlier ones to find repeated
 * documents: a record for each document, its hash and its MinHash signature.
 *
 * The bytes, numbers little-endian: "RFSIGNS1"; 8 bytes, the digest of the settings they were
 * made with; the records, each a byte (bit 0: it has a hash; bit 1: it has a signature), the
 * hash in 8 bytes, the signature in 128 numbers of 4; a byte 0xFF, the number of records in 8
 * bytes, and the XXH3-64 of all bytes before. Several of these one after the other are read as
 * one. Bytes that end anywhere else are cut off.
 */
#ifndef TEXT_SIGNATURES_H
#define TEXT_SIGNATURES_H

#include <stdbool.h>

#include "base/io.h"
#include "text/minhash.h"

/** A document's record. */
struct signature {
    bool has_hash; /* it has text, and `hash` is that text's */
    uint64_t hash;
    bool has_minhash; /* it is long enough for one */
    struct minhash m;
};

struct signature_writer;
struct signature_reader;

/** Open `name` for writing. RF_OK with *w, which signatures_end() takes back; RF_ENOMEM, or the
 * errors of output_open(). */
MUST_CHECK int signatures_create(struct signature_writer **w, const char *name,
                                 uint64_t settings, struct errbuf *eb);

/** Append a record. A write that failed is found by signatures_end(). */
void signatures_put(struct signature_writer *w, const struct signature *s);

/** Write the end if rc is RF_OK and give the file its name, else drop it; frees w, and NULL is
 * fine. Returns rc, or RF_EIO. */
MUST_CHECK int signatures_end(struct signature_writer *w, int rc, struct errbuf *eb);

/** Open `name`; NULL or "-" is standard input. RF_OK with *r, which signatures_close() takes
 * back; RF_ENOMEM, or the errors of input_open(). */
MUST_CHECK int signatures_open(struct signature_reader **r, const char *name, uint64_t settings,
                               struct errbuf *eb);

/** Read the next record: 1, 0 at the end, which may be at once, or RF_EFORMAT (no signatures,
 * or made with other settings), RF_ETRUNC, RF_ECHECK, RF_EIO. */
MUST_CHECK int signatures_next(struct signature_reader *r, struct signature *s,
                               struct errbuf *eb);

/** Free; NULL is fine. */
void signatures_close(struct signature_reader *r);

#endif
