/*
 * io.h: bytes in and out.
 *
 * An input is a file or standard input; text that is compressed by gzip, bzip2, xz or zstd is
 * decompressed on the way. An output is a file that appears whole under its name or not at all:
 * it is written as NAME.tmp, a new file, synced, renamed, and then its folder is synced.
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
    INPUT_TEXT, /* gzip, bzip2, xz and zstd are known by their first bytes and decompressed */
    INPUT_RAW,  /* the bytes as they lie */
    INPUT_FILE, /* as INPUT_RAW, but only a plain file: a pipe might never end */
};

/**
 * Open `name`; NULL or "-" is standard input. A folder is refused. RF_OK with *in, which
 * input_close() takes back; RF_EIO, RF_ENOMEM: *in is untouched.
 */
MUST_CHECK int input_open(struct input **in, const char *name, enum input_mode mode,
                          struct errbuf *eb);

/**
 * Read up to n bytes into p and set *got to their number. *got = 0 means the end; a short read
 * does not. RF_OK, RF_EIO, RF_ETRUNC (compressed data stops early), RF_EFORMAT, RF_ECHECK.
 */
MUST_CHECK int input_read(struct input *in, void *p, size_t n, size_t *got, struct errbuf *eb);

/**
 * These three stop a thread that waits in input_read() for bytes that may never come.
 * Once fd[1] of input_stop_open() is closed, input_read() gives up (RF_EIO) in all
 * threads that called input_stop_at(fd[0]). If the process has no descriptor left, both
 * are -1 and reading waits.
 */
void input_stop_open(int fd[2]);
void input_stop_at(int fd);
void input_stop_close(int *fd);

/** Read n bytes. Only at the end of the input are they fewer: *got <
 * n. Errors as input_read(). */
MUST_CHECK int input_read_full(struct input *in, void *p, size_t n, size_t *got,
                               struct errbuf *eb);

/** Returns the name for messages: the name as given, or "standard input".
 * It lives as long as `in`. */
const char *input_name(const struct input *in);

/** Returns how many bytes were handed out so far, after decompression. */
uint64_t input_offset(const struct input *in);

/** input_size() is the size of the file in bytes, 0 if it is not known (a pipe);
 * input_consumed() is how many of its bytes were read. Both are for progress lines. */
uint64_t input_size(const struct input *in);
uint64_t input_consumed(const struct input *in);

/** Go on reading at byte `offset` of the file, which must be a plain file opened without
 * decompression. RF_OK or RF_EIO. */
MUST_CHECK int input_seek(struct input *in, uint64_t offset, struct errbuf *eb);

/** Open the file of `in`, a plain file read as it lies, once more: its bytes, at a place of the
 * new input's own, which another thread may read. The file is the same even if its name is
 * another's by now. `in` may be closed first. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int input_again(struct input **out, const struct input *in, struct errbuf *eb);

/** Close and free; NULL is fine. */
void input_close(struct input *in);

/**
 * Check before any work whether all these files can be opened; "-" always can. *size is the sum
 * of the sizes of the plain files in bytes. RF_OK or RF_EIO.
 */
MUST_CHECK int inputs_try(char *const *names, int n, uint64_t *size, struct errbuf *eb);

/** Append all bytes of the file `name` to `to`. RF_ERANGE if they are more than `limit`. */
MUST_CHECK int input_slurp(struct buf *to, const char *name, enum input_mode mode, size_t limit,
                           struct errbuf *eb);

enum output_mode {
    OUTPUT_TEXT,
    OUTPUT_BINARY, /* refuses to write to a terminal */
};

/**
 * Open `name` for writing; NULL or "-" is standard output. A name that is no plain file
 * (/dev/full, a FIFO) is written directly. A file that replaces another has its mode. What a
 * killed run left as NAME.tmp is removed; anything else of that name (a link, a FIFO) is
 * refused. RF_OK with *out, which output_commit() or
 * output_abort() takes back; RF_EIO (also if another process is writing this name), RF_EUSAGE
 * (a terminal), RF_ENOMEM.
 */
MUST_CHECK int output_open(struct output **out, const char *name, enum output_mode mode,
                           struct errbuf *eb);

/** Returns the stream to write to; `out` owns it. Callers need not check their writes:
 * output_commit() finds an error. There is no fileno() of it. */
FILE *output_file(struct output *out);

/** True if a person reads the output while it is written. */
bool output_is_terminal(const struct output *out);

/**
 * Flush and sync: this is all that can fail on a full disk. For files that belong together,
 * settle each of them before committing any. RF_OK, RF_EIO; `out` is still open.
 */
MUST_CHECK int output_settle(struct output *out, struct errbuf *eb);

/** Flush, sync, rename and free. `out` is freed on failure too, and then the old file is
 * still there. RF_OK, RF_EIO. */
MUST_CHECK int output_commit(struct output *out, struct errbuf *eb);

/** Throw away what was written and free `out`; an old file stays. NULL is fine. */
void output_abort(struct output *out);

/** End the output either way: output_commit() if rc is RF_OK, else output_abort(). Returns rc,
 * or RF_EIO if a write failed: then that is the reason, and the line in eb names the file,
 * which a callee that has only the stream cannot do. */
MUST_CHECK int output_end(struct output *out, int rc, struct errbuf *eb);

/** Write a whole file of these n bytes. Errors are those of
 * output_open() and output_commit(). */
MUST_CHECK int output_write(const char *name, enum output_mode mode, const char *data, size_t n,
                            struct errbuf *eb);

/** Returns "folder/name", which the caller frees, or NULL if there is no memory. */
char *path_join(const char *folder, const char *name);

/** Call fsync() on the folder that holds `path`. */
MUST_CHECK int sync_folder_of(const char *path, struct errbuf *eb);

/**
 * Open a temporary file without a name, for writing and reading. It lies in the folder of the
 * file `near`, or in $TMPDIR or /tmp if `near` is NULL. RF_OK with *file, which fclose() takes
 * back; RF_EIO, RF_ENOMEM.
 */
MUST_CHECK int temp_open(FILE **file, const char *near, struct errbuf *eb);

/** What a reader does with bytes that are not UTF-8. */
enum invalid_mode { INVALID_REFUSE, INVALID_REPLACE };

/** The names for a table row of type OPT_CHOICE: "refuse", "replace". */
extern const char *const invalid_names[];

enum { LINE_MAX_BYTES = 64 << 20 };

/** How text is read. {0} means plain lines of UTF-8. A byte order mark at the start of a file
 * is left out. */
struct text_cfg {
    int invalid;       /* an invalid_mode */
    const char *jsonl; /* NULL: plain text. Else each line is a JSON object, and the text of
                          this member is a document: its lines come one by one without the empty
                          ones, and an empty line follows it */
    size_t part; /* 0: whole lines. Else lines of plain text come in parts of about this many
                    bytes (at least 16), and a line may have any length */
};

/** The rows of struct text_cfg for a tool's table. `field` is the struct
 * text_cfg in the tool's `cfg`. */
#define TEXT_ROWS(cfg, field)                                                                  \
    OPT_CHOICE(0, "invalid", cfg, field.invalid, invalid_names, "what",                        \
               "what to do about bytes that are not UTF-8"),                                   \
        OPT_TEXT(0, "jsonl", cfg, field.jsonl, "member",                                       \
                 "read JSON lines, a document in each: this member is its text")

/**
 * Read the lines of several files one after the other; n = 0 reads standard input. The
 * names and the strings of the configuration stay the caller's and must live as long as *l.
 * A file is opened when its turn comes, but all are checked at once, so that a missing one
 * is an error before any work.
 */
MUST_CHECK int lines_open(struct lines **l, char *const *names, int n,
                          const struct text_cfg *cfg, struct errbuf *eb);

/**
 * Read the next line: *text has *len bytes of valid UTF-8 without the line's end (LF or CR
 * LF), a NUL behind them, and lives until the next call. Returns 1, 0 at the end, or
 * RF_EFORMAT (not UTF-8: the message has the byte offset), RF_ERANGE (a line of over
 * LINE_MAX_BYTES), or input_read()'s errors.
 */
MUST_CHECK int lines_next(struct lines *l, const char **text, size_t *len, struct errbuf *eb);

/** True if what lines_next() gave is only a part of a line, which the next call goes on with.
 * Such a part has no NUL behind it. Parts end between characters. */
bool lines_more(const struct lines *l);

/** True inside a document of JSON lines: at least the empty line that
 * ends it is still to come. */
bool lines_inside(const struct lines *l);

/** True if the text of the current document of JSON lines starts with an empty line, which
 * lines_next() leaves out. */
bool lines_starts_empty(const struct lines *l);

/** These return the JSON line of the current document as it was read: the bytes before
 * its text and those behind it. They live until lines_next() goes on to the next
 * document. NULL: plain text. */
const char *lines_before(const struct lines *l, size_t *len);
const char *lines_behind(const struct lines *l, size_t *len);

/** Where the last line stands, for messages: the name of its file, and
 * its number there, from 1. */
const char *lines_name(const struct lines *l);
uint64_t lines_number(const struct lines *l);

/** Totals over all files: lines, bytes handed out (line ends included), and U+FFFD put in. */
uint64_t lines_total(const struct lines *l);
uint64_t lines_bytes(const struct lines *l);
uint64_t lines_replaced(const struct lines *l);

/** For progress: the sizes of all files in bytes (0: not known), and
 * how many bytes were read. */
uint64_t lines_size(const struct lines *l);
uint64_t lines_consumed(const struct lines *l);

/** Free; NULL is fine. */
void lines_close(struct lines *l);

/**
 * Text output: plain lines, or JSON lines with a document in each. A document is the lines up
 * to an empty one, joined by LF. It is written as it comes, so no memory grows with its length.
 */
struct text_out;

/** Open over `file`, which is borrowed. If `member` is NULL, plain lines are
 * written. RF_OK or RF_ENOMEM. */
MUST_CHECK int text_out_open(struct text_out **t, FILE *file, const char *member,
                             struct errbuf *eb);

/** Open over a file of this name or standard output, which text_out_end() ends as output_end()
 * does. Errors are also those of output_open(). */
MUST_CHECK int text_out_create(struct text_out **t, const char *name, const char *member,
                               struct errbuf *eb);

/** Say that the documents to be written are those of `from` with new text; `from` is borrowed.
 * Each JSON line then keeps its other members as they are written there. Every line must belong
 * to the document that lines_next() is in. An empty line inside a document is ignored, and a
 * document without text is written too. */
void text_out_from(struct text_out *t, const struct lines *from);

/** Write one line of valid UTF-8 without its end; len 0 ends a document.
 * RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int text_out_line(struct text_out *t, const char *text, size_t len,
                             struct errbuf *eb);

/** Say that the document whose first line comes next has no title: an empty line stands where
 * the title would. RF_OK, RF_EIO. */
MUST_CHECK int text_out_untitled(struct text_out *t, struct errbuf *eb);

/** End the last document and free `t`, also on failure; a borrowed file is not
 * closed. `rc` says how the work went: if it is not RF_OK it is returned, else RF_OK
 * or RF_EIO. NULL is fine. */
MUST_CHECK int text_out_end(struct text_out *t, int rc, struct errbuf *eb);

#endif
