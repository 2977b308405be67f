/*
 * shard.h: token shards, rf-shard(5).
 *
 * A shard is a legal zstd stream: a skippable header frame; checksummed data frames that hold
 * whole records; a skippable end frame with the index, the totals and a digest. A shard that
 * stops before its end frame is truncated, which is an error and never a warning. Shards may be
 * concatenated.
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
    SHARD_MASKED,  /* a record is a sequence with the positions and labels of its masked tokens
                    */
    SHARD_QA,      /* a record is a question and a passage, with the place of the answer */
    SHARD_CLASSES, /* a record is a sequence with its class */
};

/** How a frame's payload is coded into bytes. */
enum shard_coding {
    SHARD_PLAIN,  /* columns of numbers */
    SHARD_PACKED, /* ids are predicted, and only what the predictions miss is written: smaller,
                     but only for ids of two bytes */
};

/** "tokens", "sequences", "masked", "qa", "classes", NULL. The index is kind - 1. */
extern const char *const shard_kind_names[];

/** "plain", "packed", NULL. */
extern const char *const shard_coding_names[];

/** The coding: every tool that writes a shard has this row. It is not part of the provenance,
 * because the records do not depend on it. */
#define OPT_CODING(cfg, field)                                                                 \
    OPT_ROW_(OPT_TYPE_CHOICE, 0, "coding", cfg, field, int, .choices = shard_coding_names,     \
             .arg = "name", .help = "how ids are stored: packed is smaller, plain is faster",  \
             .flags = OPT_LOCAL)

enum {
    SHARD_DIGEST_BYTES = 16,
    SHARD_CHAIN_MAX_BYTES = 64 << 10, /* limits that a reader enforces: see rf-shard(5) */
    SHARD_CLASSES_MAX = 1024,
    SHARD_CLASSES_MAX_BYTES = 64 << 10,
    SHARD_RECORD_MAX_TOKENS = 1 << 26,
    SHARD_FRAME_MAX_BYTES = 1 << 28,
    SHARD_PACKED_MAX_IDS = 65535,
    /* What the ids of a frame may be more than its bytes in the file: any number of times up to
     * so many bytes, and so many times beyond them. */
    SHARD_SWELL_FREE_BYTES = 8 << 20,
    SHARD_SWELL_MAX = 1000,
};

/** What the header says. */
struct shard_info {
    enum shard_kind kind;
    /* A shard_coding. A writer uses plain if the vocabulary has more than
     * SHARD_PACKED_MAX_IDS. */
    int coding;
    uint32_t vocab_size; /* ids are below it; up to 65,536 they take two bytes, else four */
    uint32_t max_len;    /* the longest sequence, in tokens; 0 for kind tokens */
    struct special_ids special;
    /* The XXH3-128 of the vocabulary's file, big-endian. */
    uint8_t vocab_digest[SHARD_DIGEST_BYTES];
    /* The provenance chain: a line "tool version name=value ..." for each tool so far, the
     * oldest first, each ended by LF. It never names threads, paths or dates. NULL or "": there
     * is none. Whoever filled the struct owns the chain; in a reader's info it is the first
     * part's and lives as long as the reader. */
    const char *chain;
    /* The names of the classes, each ended by LF; a class is the number of its line, from 0.
     * "" or NULL for other kinds than classes. It is owned as the chain is. */
    const char *classes;
};

/** A record of any kind. When it is written, the caller owns the arrays; when it is read, they
 * live until the reader's next call. */
struct shard_record {
    uint64_t doc;       /* the number of its (first) document in the corpus, from 0 */
    const int32_t *ids; /* n_ids of them: all sentences one after the other, or the sequence */
    size_t n_ids;
    const uint32_t *lens; /* tokens: the length of each sentence; their sum is n_ids */
    size_t n_lens;
    /* Positions are those of tokens in the sequence.
     * masked: n_labels positions, ascending, and the ids that stood there;
     * qa: n_labels is 2; {first, last} token of the passage, and {start, end} token of the
     * answer in it, both ends included; {0, 0}: the passage has no answer;
     * classes: n_labels is 1; {0} and {the class}. */
    const uint32_t *positions;
    const int32_t *labels;
    size_t n_labels;
};

/**
 * Append a tool's line to a provenance chain: the chain `before` (may be NULL), then "TOOL
 * VERSION name=value ..." with the tool's options, then `more` (may be NULL), a last name=value
 * that is no option. `tool` is "mask-tokens " RF_VERSION. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int shard_chain_add(struct buf *chain, const char *before, const char *tool,
                               const struct opt *opts, const void *cfg, const char *more);

struct shard_writer;
struct shard_reader;

/**
 * Start a shard on `file`, which is borrowed until finish or abort. The info is copied. RF_OK,
 * RF_EINVAL (the info is not allowed), RF_EIO, RF_ENOMEM: *w is untouched.
 */
MUST_CHECK int shard_writer_open(struct shard_writer **w, FILE *file,
                                 const struct shard_info *info, struct errbuf *eb);

/** From now on make frames on a thread of their own while records come. The bytes
 * are the same. */
void shard_writer_thread(struct shard_writer *w);

/**
 * Append a record. RF_OK, RF_EINVAL (ids out of range, lengths that do not add up),
 * RF_ERANGE (too large), RF_EIO, RF_ENOMEM. After RF_EIO or RF_ENOMEM only
 * shard_writer_abort() may follow.
 */
MUST_CHECK int shard_write(struct shard_writer *w, const struct shard_record *r,
                           struct errbuf *eb);

/** Write what is left and the end frame. Always frees w. The file is not closed. RF_OK,
 * RF_EIO, RF_ENOMEM. */
MUST_CHECK int shard_writer_finish(struct shard_writer *w, struct errbuf *eb);

/** Free w without an end frame: the bytes written are then no shard. NULL is fine. */
void shard_writer_abort(struct shard_writer *w);

/** A shard that will get a name when it is complete. {0} is none. */
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
    const struct opt *opts; /* the tool's options */
    const void *cfg;        /* the values of the options */
    const char *more;       /* a last name=value that is no option; NULL: none */
    bool provenance;        /* false: the shard does not say what it was made from */
    int coding;             /* a shard_coding */
};

/** Make *info, which describes what the shard is made from, name its maker: set its
 * coding and its chain. The chain lies in `chain` from then on, which the caller frees.
 * RF_OK or RF_ENOMEM. */
MUST_CHECK int shard_info_sign(struct shard_info *info, struct buf *chain,
                               const struct shard_maker *by);

/** Do shard_file_open() with an info that names the maker. */
MUST_CHECK int shard_file_make(struct shard_file *f, const char *name,
                               const struct shard_info *info, const struct shard_maker *by,
                               struct errbuf *eb);

/** Append the name of shard i of n: "dir/train.rfs" becomes "dir/train-00001-of-00004.rfs".
 * RF_OK or RF_ENOMEM. */
MUST_CHECK int shard_name(struct buf *to, const char *name, uint64_t i, uint64_t n);

/**
 * If rc is RF_OK, finish n files (a writer that is NULL is finished already) and give them
 * their names; no file gets its name before the bytes of all are safe. Else drop them all.
 * Returns rc or RF_EIO, RF_ENOMEM; the files are {0} again.
 */
MUST_CHECK int shard_files_close(struct shard_file *files, size_t n, int rc, struct errbuf *eb);

/**
 * Open a shard and read the header of its first part. `in` must have been opened INPUT_RAW and
 * is borrowed. RF_OK, RF_EFORMAT, RF_ETRUNC, RF_ECHECK, RF_ERANGE, RF_EIO, RF_ENOMEM.
 */
MUST_CHECK int shard_reader_open(struct shard_reader **r, struct input *in, struct errbuf *eb);

/**
 * Open several files as one shard; n = 0 reads standard input. The names stay the caller's and
 * must live as long as the reader. All files are checked at once, so that a missing one is an
 * error before any work. Errors as shard_reader_open().
 */
MUST_CHECK int shard_files_open(struct shard_reader **r, char *const *names, int n,
                                struct errbuf *eb);

/** RF_OK if the records are of this kind, else RF_EFORMAT and a message that
 * names the input. */
MUST_CHECK int shard_reader_want(const struct shard_reader *r, enum shard_kind kind,
                                 struct errbuf *eb);

/** Returns the header. Its kind, vocabulary and ids are the same in all parts of a
 * concatenation (else RF_EFORMAT). Its coding is that of the first part; other parts may
 * have another. */
const struct shard_info *shard_reader_info(const struct shard_reader *r);

/** From the first shard_next() on read frames ahead on a thread of their own. The records are
 * the same. The input then belongs to the thread until the reader is closed. */
void shard_reader_thread(struct shard_reader *r);

/**
 * Read the next record: 1, 0 at the checked end, or an error that names the input and the
 * frame. The frame of each record was checked before the record is handed out.
 */
MUST_CHECK int shard_next(struct shard_reader *r, struct shard_record *rec, struct errbuf *eb);

/**
 * Go on at this record, counted from 0 over all files; if there is none, shard_next() returns
 * 0. Call this before the first shard_next(). In plain files with a name the index is used, and
 * frames before the record are not read; else they are read and checked. Errors as
 * shard_next().
 */
MUST_CHECK int shard_reader_seek(struct shard_reader *r, uint64_t record, struct errbuf *eb);

/** Records, tokens and labels handed out; data frames and parts begun. */
struct shard_totals {
    uint64_t records, tokens, labels, frames, parts;
};
struct shard_totals shard_reader_totals(const struct shard_reader *r);

/**
 * Read the totals of whole files from their end frames alone: 1; 0 if a name is not that of a
 * plain file (n = 0 is standard input, which is none); or an error.
 */
MUST_CHECK int shard_files_totals(struct shard_totals *t, char *const *names, int n,
                                  struct errbuf *eb);

/** For progress: the sizes of all files in bytes (0: not known), and how many
 * bytes were read. */
uint64_t shard_reader_size(const struct shard_reader *r);
uint64_t shard_reader_consumed(const struct shard_reader *r);

/** Free; NULL is fine. */
void shard_reader_close(struct shard_reader *r);

#endif
