/*
 * shard.h: token shards, rf-shard(5).
 *
 * A shard is a legal zstd stream: a skippable header frame, checksummed data frames that hold
 * whole records, a skippable end frame with the index, the totals and a digest. What stops
 * before its end frame is truncated: an error, never a warning. Shards may be concatenated.
 */
#ifndef SHARD_SHARD_H
#define SHARD_SHARD_H

#include <stdio.h>

#include "base/io.h"
#include "base/opt.h"
#include "base/special.h"

enum shard_kind {
    SHARD_TOKENS = 1, /* a record is a document: sentences of ids */
    SHARD_SEQUENCES,  /* a record is a packed sequence */
    SHARD_MASKED,     /* a sequence with positions and labels of masked tokens */
    SHARD_QA,         /* question answering; reserved */
};

/** How the payload of a frame lies in its bytes. */
enum shard_coding {
    SHARD_PLAIN,  /* columns of numbers */
    SHARD_PACKED, /* ids as what predictions say of them: smaller, for ids of two bytes */
};

/** "tokens", "sequences", "masked", "qa", NULL; index = kind - 1. */
extern const char *const shard_kind_names[];

/** "plain", "packed", NULL. */
extern const char *const shard_coding_names[];

/** Which coding: a row of every tool that writes a shard. It is no part of provenance, since
 * the records are the same. */
#define OPT_CODING(cfg, field)                                                                 \
    OPT_ROW_(OPT_TYPE_CHOICE, 0, "coding", cfg, field, int, .choices = shard_coding_names,     \
             .arg = "name", .help = "of ids in the shard: packed is smaller, plain faster",    \
             .flags = OPT_LOCAL)

enum {
    SHARD_DIGEST_BYTES = 16,
    SHARD_CHAIN_MAX_BYTES = 64 << 10, /* limits that a reader refuses past: see rf-shard(5) */
    SHARD_RECORD_MAX_TOKENS = 1 << 26,
    SHARD_FRAME_MAX_BYTES = 1 << 28,
    SHARD_PACKED_MAX_IDS = 65535,
};

/** What the header says. */
struct shard_info {
    enum shard_kind kind;
    /* a shard_coding; a writer takes plain for more than SHARD_PACKED_MAX_IDS */
    int coding;
    uint32_t vocab_size; /* ids are below it; up to 65,536 they take two bytes, else four */
    uint32_t max_len;    /* of a sequence, in tokens; 0 for kind tokens */
    struct special_ids special;
    /* XXH3-128, big-endian, of the vocabulary's file */
    uint8_t vocab_digest[SHARD_DIGEST_BYTES];
    /* The provenance chain: a line "tool version name=value ..." for each tool so far, oldest
     * first, each ended by LF. Never threads, paths, dates. NULL or "": none. Owned by who
     * filled the struct; in a reader's info it is the first part's and lives as long as the
     * reader. */
    const char *chain;
};

/** One record, of whichever kind; the arrays are the writer's caller's, or the reader's until
 * its next call. */
struct shard_record {
    uint64_t doc;       /* number of the (first) document, from 0 in the corpus's order */
    const int32_t *ids; /* n_ids of them: all sentences one after the other, or the sequence */
    size_t n_ids;
    const uint32_t *lens; /* tokens: length of each sentence; their sum is n_ids */
    size_t n_lens;
    const uint32_t *positions; /* masked: n_labels positions in the sequence, ascending */
    const int32_t *labels;     /* masked: what stood there */
    size_t n_labels;
};

/**
 * Append a tool's line to a provenance chain: what was `before` (may be NULL), then "TOOL
 * VERSION name=value ..." from its options and `more` (may be NULL), a last name=value that is
 * no option. `tool` is "mask-tokens " RF_VERSION. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int shard_chain_add(struct buf *chain, const char *before, const char *tool,
                               const struct opt *opts, const void *cfg, const char *more);

struct shard_writer;
struct shard_reader;

/**
 * Start a shard on `file` (borrowed until finish or abort). The info is copied.
 * RF_OK, RF_EINVAL (the info cannot be), RF_EIO, RF_ENOMEM: *w untouched.
 */
MUST_CHECK int shard_writer_open(struct shard_writer **w, FILE *file,
                                 const struct shard_info *info, struct errbuf *eb);

/** Make frames on a thread of their own from now on, while records come: the same bytes. */
void shard_writer_thread(struct shard_writer *w);

/**
 * Append a record. RF_OK, RF_EINVAL (ids out of range, lengths that do not add up), RF_ERANGE
 * (too large), RF_EIO, RF_ENOMEM; after the last two only abort.
 */
MUST_CHECK int shard_write(struct shard_writer *w, const struct shard_record *r,
                           struct errbuf *eb);

/** Write what is left and the end frame; always frees w. The file is not closed. RF_OK, RF_EIO,
 * RF_ENOMEM.
 */
MUST_CHECK int shard_writer_finish(struct shard_writer *w, struct errbuf *eb);

/** Free without an end frame: what was written is no shard. NULL is fine. */
void shard_writer_abort(struct shard_writer *w);

/** A shard on its way to a name; {0} is none. */
struct shard_file {
    struct output *out;
    struct shard_writer *writer;
};

/** Open `name` for a shard; NULL or "-" is standard output. RF_OK, or the errors of
 * output_open() and shard_writer_open(). */
MUST_CHECK int shard_file_open(struct shard_file *f, const char *name,
                               const struct shard_info *info, struct errbuf *eb);

/** Who makes a shard, and how. */
struct shard_maker {
    const char *tool;       /* "mask-tokens " RF_VERSION */
    const struct opt *opts; /* its options, */
    const void *cfg;        /* and what they say */
    const char *more;       /* a last name=value that is no option; NULL: none */
    bool provenance;        /* false: the shard does not say where it comes from */
    int coding;             /* a shard_coding */
};

/** Let *info, so far that of what a shard is made from, name its maker: coding and chain, which
 * lies in `chain` (the caller's to free) from then on. RF_OK or RF_ENOMEM. */
MUST_CHECK int shard_info_sign(struct shard_info *info, struct buf *chain,
                               const struct shard_maker *by);

/** shard_file_open() with an info that names the maker. */
MUST_CHECK int shard_file_make(struct shard_file *f, const char *name,
                               const struct shard_info *info, const struct shard_maker *by,
                               struct errbuf *eb);

/** Append the name of shard i of n: "dir/train.rfs" becomes "dir/train-00001-of-00004.rfs".
 * RF_OK or RF_ENOMEM. */
MUST_CHECK int shard_name(struct buf *to, const char *name, uint64_t i, uint64_t n);

/**
 * Where rc is RF_OK, finish n files (their writer is NULL where that is done) and give them
 * their names, none of them before the bytes of all are safe; else drop them all. Returns rc or
 * RF_EIO, RF_ENOMEM; the files are {0} again.
 */
MUST_CHECK int shard_files_close(struct shard_file *files, size_t n, int rc, struct errbuf *eb);

/**
 * Open a shard: reads the header of the first part. `in` was opened INPUT_RAW and is borrowed.
 * RF_OK, RF_EFORMAT, RF_ETRUNC, RF_ECHECK, RF_ERANGE, RF_EIO, RF_ENOMEM.
 */
MUST_CHECK int shard_reader_open(struct shard_reader **r, struct input *in, struct errbuf *eb);

/**
 * Open several files as one shard; no names (n = 0) is standard input. The names stay the
 * caller's and must live as long as the reader. Each is tried at once, so that a missing one is
 * an error before any work. Errors as shard_reader_open().
 */
MUST_CHECK int shard_files_open(struct shard_reader **r, char *const *names, int n,
                                struct errbuf *eb);

/** RF_OK if the records are of this kind; else RF_EFORMAT, and a line that names the input. */
MUST_CHECK int shard_reader_want(const struct shard_reader *r, enum shard_kind kind,
                                 struct errbuf *eb);

/** The header; its kind, vocabulary and ids are the same in all parts of a concatenation (else
 * RF_EFORMAT). Its coding is the first part's: others may have another. */
const struct shard_info *shard_reader_info(const struct shard_reader *r);

/** From the first shard_next() on read frames ahead on a thread of their own: the same records.
 * An input that was opened for it is the thread's until the reader is closed. */
void shard_reader_thread(struct shard_reader *r);

/**
 * The next record: 1, 0 at the checked end, or an error that names the input and the frame.
 * Records handed out came from frames whose checksum was right.
 */
MUST_CHECK int shard_next(struct shard_reader *r, struct shard_record *rec, struct errbuf *eb);

/**
 * Before the first shard_next(): go on at this record, counted from 0 over all files; past the
 * last one there is nothing. In plain files that are named the index is used, and what lies
 * before is not read; else it is read and checked. Errors as shard_next().
 */
MUST_CHECK int shard_reader_seek(struct shard_reader *r, uint64_t record, struct errbuf *eb);

/** Records, tokens and labels handed out; data frames and parts begun. */
struct shard_totals {
    uint64_t records, tokens, labels, frames, parts;
};
struct shard_totals shard_reader_totals(const struct shard_reader *r);

/**
 * The totals of whole files from their end frames alone: 1, 0 where one of the names is not a
 * plain file (n = 0 is standard input: no file), or an error.
 */
MUST_CHECK int shard_files_totals(struct shard_totals *t, char *const *names, int n,
                                  struct errbuf *eb);

/** File bytes in all (0: not known) and consumed, for progress. */
uint64_t shard_reader_size(const struct shard_reader *r);
uint64_t shard_reader_consumed(const struct shard_reader *r);

/** Free; NULL is fine. */
void shard_reader_close(struct shard_reader *r);

/**
 * A whole shard of sequences or masked sequences in memory, ids in as few bytes as they take:
 * for training in any order. After shard_load(): record i by shard_set_get().
 */
struct shard_set;
MUST_CHECK int shard_load(struct shard_set **set, const char *name, struct errbuf *eb);
const struct shard_info *shard_set_info(const struct shard_set *set);
size_t shard_set_count(const struct shard_set *set);
size_t shard_set_bytes(const struct shard_set *set); /* of memory that the records take */

/**
 * Record i: ids to ids[max_len] and, of a masked shard, positions[max_len] and labels[max_len];
 * *r then points to these arrays. They are the caller's. i below the count.
 */
void shard_set_get(const struct shard_set *set, size_t i, int32_t *ids, uint32_t *positions,
                   int32_t *labels, struct shard_record *r);
void shard_set_free(struct shard_set *set);

#endif
