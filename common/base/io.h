/*
 * io.h: bytes in and out.
 *
 * An input is a file or standard input; text compressed by gzip, bzip2,
 * xz or zstd is decompressed on the way. An output is a file that appears whole under its name
 * or not at all: it is written as NAME.tmp, synced, renamed, and its folder synced.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/buf.h"

struct input;
struct output;
struct lines;

enum input_mode {
    INPUT_TEXT, /* gzip, bzip2, xz and zstd are decompressed, told by their first bytes */
    INPUT_RAW,  /* the bytes as they lie */
    INPUT_FILE, /* the same, of a plain file alone: a pipe might never end */
};

/**
 * Open `name`; NULL or "-" is standard input. A folder is refused.
 * RF_OK with *in, to be given to input_close(); RF_EIO, RF_ENOMEM: *in is untouched.
 */
MUST_CHECK int input_open(struct input **in, const char *name, enum input_mode mode,
                          struct errbuf *eb);

/**
 * Up to n bytes into p; *got = 0 means the end. A short read is not the end.
 * RF_OK, RF_EIO, RF_ETRUNC (compressed data that stops early), RF_EFORMAT, RF_ECHECK.
 */
MUST_CHECK int input_read(struct input *in, void *p, size_t n, size_t *got, struct errbuf *eb);

/**
 * A thread whose work nobody wants any more need not wait for bytes that may not come: once
 * fd[1] of input_stop_open() is closed, input_read() gives up (RF_EIO) in threads that called
 * input_stop_at(fd[0]). Both are -1, and reading waits, where there is no descriptor left.
 */
void input_stop_open(int fd[2]);
void input_stop_at(int fd);
void input_stop_close(int *fd);

/** Exactly n bytes unless the end comes first: *got < n only there. Errors as input_read(). */
MUST_CHECK int input_read_full(struct input *in, void *p, size_t n, size_t *got,
                               struct errbuf *eb);

/** The name for messages: as given, or "standard input". Lives as long as in. */
const char *input_name(const struct input *in);

/** Bytes handed out so far, after decompression. */
uint64_t input_offset(const struct input *in);

/** The size of the file in bytes, 0 where it is not known (a pipe); bytes read of it. For
 * progress.
 */
uint64_t input_size(const struct input *in);
uint64_t input_consumed(const struct input *in);

/** Go on reading at this byte of a plain file that is read as it lies. RF_OK or RF_EIO. */
MUST_CHECK int input_seek(struct input *in, uint64_t offset, struct errbuf *eb);

/** Close and free; NULL is fine. */
void input_close(struct input *in);

/**
 * Try whether all these files can be opened, before any work; "-" can. *size is the sum of the
 * plain ones in bytes. RF_OK or RF_EIO.
 */
MUST_CHECK int inputs_try(char *const *names, int n, uint64_t *size, struct errbuf *eb);

/** Append the whole rest of `name` to `to`, at most `limit` bytes (RF_ERANGE past it). */
MUST_CHECK int input_slurp(struct buf *to, const char *name, enum input_mode mode, size_t limit,
                           struct errbuf *eb);

enum output_mode {
    OUTPUT_TEXT,
    OUTPUT_BINARY, /* refuses to write to a terminal */
};

/**
 * Open `name` for writing; NULL or "-" is standard output. What is not a plain file (/dev/full,
 * a FIFO) is written directly. RF_OK with *out, to be given to output_commit() or
 * output_abort(); RF_EIO (also: another process is writing this name), RF_EUSAGE (a terminal),
 * RF_ENOMEM.
 */
MUST_CHECK int output_open(struct output **out, const char *name, enum output_mode mode,
                           struct errbuf *eb);

/** The stream to write to; owned by out. Write errors may be left to output_commit(). */
FILE *output_file(struct output *out);

/**
 * Flush and sync: all that a full disk can spoil. For files that belong together: settle each,
 * then commit each. RF_OK, RF_EIO; out is still open.
 */
MUST_CHECK int output_settle(struct output *out, struct errbuf *eb);

/** Flush, sync, rename and free, also when it fails; then the old file is still there. RF_OK,
 * RF_EIO. */
MUST_CHECK int output_commit(struct output *out, struct errbuf *eb);

/** Drop what was written and free; the old file, if any, stays. NULL is fine. */
void output_abort(struct output *out);

/** The end of either kind: output_commit() where rc is RF_OK, else output_abort() and rc. */
MUST_CHECK int output_end(struct output *out, int rc, struct errbuf *eb);

/** A whole file of these n bytes. Errors as of output_open() and output_commit(). */
MUST_CHECK int output_write(const char *name, enum output_mode mode, const char *data, size_t n,
                            struct errbuf *eb);

/** "folder/name", to be freed; NULL: no memory. */
char *path_join(const char *folder, const char *name);

/** fsync the folder that holds `path`. */
MUST_CHECK int sync_folder_of(const char *path, struct errbuf *eb);

/**
 * Open a temporary file without a name, for writing and reading, in the folder of the file
 * `near` (NULL: in $TMPDIR or /tmp). RF_OK with *file, to be given to fclose(); RF_EIO,
 * RF_ENOMEM.
 */
MUST_CHECK int temp_open(FILE **file, const char *near, struct errbuf *eb);

/** What to do with bytes that are not UTF-8. */
enum invalid_mode { INVALID_REFUSE, INVALID_REPLACE };

/** For a table row of type OPT_CHOICE: "refuse", "replace". */
extern const char *const invalid_names[];

enum { LINE_MAX_BYTES = 64 << 20 };

/** How text is read; {0} is plain lines of UTF-8. */
struct text_cfg {
    int invalid;       /* an invalid_mode */
    const char *jsonl; /* NULL: plain text. Else each line is a JSON object, and the text of
                          this member is a document: its lines come one by one, none of them
                          empty, and an empty one after them */
    size_t part; /* 0: whole lines. Else lines of plain text come in parts of about so many
                    bytes, at least 16, and may have any length */
};

/** The rows of struct text_cfg for a tool's table, where `field` is a struct text_cfg in its
 * cfg. */
#define TEXT_ROWS(cfg, field)                                                                  \
    OPT_CHOICE(0, "invalid", cfg, field.invalid, invalid_names, "what",                        \
               "bytes that are not UTF-8"),                                                    \
        OPT_TEXT(0, "jsonl", cfg, field.jsonl, "member",                                       \
                 "text is this member of JSON lines, a document each")

/**
 * Read the lines of several files one after the other; no names (n = 0) is standard input. The
 * names and the configuration's strings stay the caller's and must live as long. Files are
 * opened when their turn comes, but each is tried at once, so that a missing one is an error
 * before any work.
 */
MUST_CHECK int lines_open(struct lines **l, char *const *names, int n,
                          const struct text_cfg *cfg, struct errbuf *eb);

/**
 * The next line: *text has *len bytes of valid UTF-8 without its end (LF or CR LF),
 * NUL-terminated, and lives until the next call. Returns 1, 0 at the end, or RF_EFORMAT (not
 * UTF-8: the message has the byte offset), RF_ERANGE (a line of over LINE_MAX_BYTES), or
 * input_read()'s errors.
 */
MUST_CHECK int lines_next(struct lines *l, const char **text, size_t *len, struct errbuf *eb);

/** True if what lines_next() gave is a part of a line and the next call goes on with the same
 * one; it has no NUL behind it then. Parts end between characters. */
bool lines_more(const struct lines *l);

/** True inside a document of JSON lines: more of it comes, at least the empty line. */
bool lines_inside(const struct lines *l);

/** The JSON line whose document the last line is of: what stands in it before and behind the
 * text, as it was read. Lives until lines_next() goes on to the next document. NULL: plain
 * text. */
const char *lines_before(const struct lines *l, size_t *len);
const char *lines_behind(const struct lines *l, size_t *len);

/** Where the last line stands, for messages: its file and its number there, from 1. */
const char *lines_name(const struct lines *l);
uint64_t lines_number(const struct lines *l);

/** Lines, bytes handed out (ends included) and U+FFFD put in, over all files. */
uint64_t lines_total(const struct lines *l);
uint64_t lines_bytes(const struct lines *l);
uint64_t lines_replaced(const struct lines *l);

/** File bytes in all (0: not known) and consumed, for progress. */
uint64_t lines_size(const struct lines *l);
uint64_t lines_consumed(const struct lines *l);

/** Free; NULL is fine. */
void lines_close(struct lines *l);

/**
 * Text out: plain lines, or JSON lines, a document in each (the lines up to an empty one,
 * joined by LF). It is written as it comes: no memory follows its length.
 */
struct text_out;

/** `file` is borrowed; member NULL writes plain lines. RF_OK or RF_ENOMEM. */
MUST_CHECK int text_out_open(struct text_out **t, FILE *file, const char *member,
                             struct errbuf *eb);

/** The same of a file of this name, or standard output, that text_out_end() ends as
 * output_end() does. Also output_open()'s errors. */
MUST_CHECK int text_out_create(struct text_out **t, const char *name, const char *member,
                               struct errbuf *eb);

/** The documents are those of `from`, which is borrowed, made anew: each JSON line keeps its
 * other members and their form. What is written must be of the document that lines_next() is
 * in; len 0 inside it is passed over, and a document without text is written too. */
void text_out_from(struct text_out *t, const struct lines *from);

/** One line of valid UTF-8, without its end; len 0 ends a document. RF_OK, RF_EIO, RF_ENOMEM.
 */
MUST_CHECK int text_out_line(struct text_out *t, const char *text, size_t len,
                             struct errbuf *eb);

/** End a last document and free, also when it fails; a file that was borrowed is not closed. rc
 * is how the work went: returned where it is not RF_OK, else RF_OK or RF_EIO. NULL is fine. */
MUST_CHECK int text_out_end(struct text_out *t, int rc, struct errbuf *eb);

#endif
