/*
 * opt.h: one table of options for each tool.
 *
 * The same rows drive the command line (getopt_long), the YAML file, --help with its defaults,
 * --dump-config, the provenance of shards and the shell completion. A row says where in the
 * tool's configuration struct its value lies; the struct's initial contents are the defaults.
 *
 * A name may have a section, "model.dim": on the command line `--model.dim 256`, in YAML
 *
 *     model:
 *       dim: 256
 *
 * The rows of a section stand together. Numbers take units: counts K M G (thousands), sizes K M
 * G (of 1024 bytes), shares `15%` or `0.15`, times s m h d.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/words.h"

enum opt_type {
    OPT_TYPE_END,
    OPT_TYPE_FLAG,  /* bool; --name and --no-name on the command line, true and false in YAML */
    OPT_TYPE_COUNT, /* uint64_t */
    OPT_TYPE_SIZE,  /* uint64_t, bytes */
    OPT_TYPE_REAL,  /* double */
    OPT_TYPE_SHARE, /* double, 0 to 1 */
    OPT_TYPE_TIME,  /* double, seconds */
    OPT_TYPE_TEXT,  /* const char *; NULL: no value was given */
    OPT_TYPE_FILE,  /* as OPT_TYPE_TEXT, but the shell completes file names */
    OPT_TYPE_CHOICE /* int, an index into `choices` */
};

enum opt_flag {
    OPT_LOCAL = 1, /* the row says how or where to work, not what to make (threads, paths), so
                      provenance leaves it out */
    OPT_ONCE = 2,  /* the row says what to do this time, so YAML leaves it out */
    OPT_IS_FOLDER = 4 /* the file is a folder, and the shell completes folders alone */
};

struct opt {
    enum opt_type type;
    char letter; /* 0: none */
    const char *name;
    size_t offset;
    double min, max; /* limits of a number, inclusive, in the unit of the field */
    const char *const *choices;
    const char *arg;     /* what --help calls the value */
    const char *help;    /* what the option does, without a full stop. Of a flag that is on by
                            default --help shows --no-NAME and "do not" before this text,
                            which therefore begins with a verb. Choices that the text does
                            not name are listed behind it */
    const char *heading; /* --help prints it above this row; NULL: the row belongs to those
                            above it */
    unsigned flags;
};

#define OPT_ROW_(type_, letter_, name_, cfg_, field_, ctype_, ...)                             \
    {                                                                                          \
        .type = type_, .letter = letter_, .name = name_,                                       \
        .offset = offsetof(cfg_, field_) + 0 * sizeof(&((cfg_ *)0)->field_ == (ctype_ *)0),    \
        __VA_ARGS__                                                                            \
    }
/* The last argument is the help; behind it more of the row may be set: .heading = "Model". */
#define OPT_FLAG(letter, name, cfg, field, ...)                                                \
    OPT_ROW_(OPT_TYPE_FLAG, letter, name, cfg, field, bool, .help = __VA_ARGS__)
#define OPT_COUNT(letter, name, cfg, field, min_, max_, arg_, ...)                             \
    OPT_ROW_(OPT_TYPE_COUNT, letter, name, cfg, field, uint64_t, .min = min_, .max = max_,     \
             .arg = arg_, .help = __VA_ARGS__)
#define OPT_SIZE(letter, name, cfg, field, min_, max_, arg_, ...)                              \
    OPT_ROW_(OPT_TYPE_SIZE, letter, name, cfg, field, uint64_t, .min = min_, .max = max_,      \
             .arg = arg_, .help = __VA_ARGS__)
#define OPT_REAL(letter, name, cfg, field, min_, max_, arg_, ...)                              \
    OPT_ROW_(OPT_TYPE_REAL, letter, name, cfg, field, double, .min = min_, .max = max_,        \
             .arg = arg_, .help = __VA_ARGS__)
#define OPT_SHARE(letter, name, cfg, field, ...)                                               \
    OPT_ROW_(OPT_TYPE_SHARE, letter, name, cfg, field, double, .min = 0, .max = 1,             \
             .arg = "share", .help = __VA_ARGS__)
#define OPT_TIME(letter, name, cfg, field, ...)                                                \
    OPT_ROW_(OPT_TYPE_TIME, letter, name, cfg, field, double, .min = 0, .max = 1e9,            \
             .arg = "time", .help = __VA_ARGS__)
#define OPT_TEXT(letter, name, cfg, field, arg_, ...)                                          \
    OPT_ROW_(OPT_TYPE_TEXT, letter, name, cfg, field, const char *, .arg = arg_,               \
             .help = __VA_ARGS__)
#define OPT_FILE(letter, name, cfg, field, ...)                                                \
    OPT_ROW_(OPT_TYPE_FILE, letter, name, cfg, field, const char *, .arg = "file",             \
             .flags = OPT_LOCAL, .help = __VA_ARGS__)
#define OPT_CHOICE(letter, name, cfg, field, choices_, arg_, ...)                              \
    OPT_ROW_(OPT_TYPE_CHOICE, letter, name, cfg, field, int, .choices = choices_, .arg = arg_, \
             .help = __VA_ARGS__)
#define OPT_FOLDER(letter, name, cfg, field, ...)                                              \
    OPT_ROW_(OPT_TYPE_FILE, letter, name, cfg, field, const char *, .arg = "folder",           \
             .flags = OPT_LOCAL | OPT_IS_FOLDER, .help = __VA_ARGS__)
/** The number of threads: nearly every tool has this row. */
#define OPT_THREADS(cfg, field)                                                                \
    OPT_ROW_(OPT_TYPE_COUNT, 'j', "threads", cfg, field, uint64_t, .min = 0, .max = 1023,      \
             .arg = "n", .help = "threads to use; 0: one a core", .flags = OPT_LOCAL)
/** Whether a shard says where it comes from: every tool that writes a shard has this row. */
#define OPT_PROVENANCE(cfg, field)                                                             \
    OPT_ROW_(OPT_TYPE_FLAG, 0, "provenance", cfg, field, bool,                                 \
             .help = "write into the shard which tools and options made it",                   \
             .flags = OPT_LOCAL)
#define OPT_END                                                                                \
    {                                                                                          \
        .type = OPT_TYPE_END                                                                   \
    }

/** The strings that values point to. They are freed together. {0} is empty. */
struct opt_strings {
    char **s;
    size_t n;
};
void opt_strings_free(struct opt_strings *s);

/** Returns the row called `name`, or NULL. */
const struct opt *opt_find(const struct opt *table, const char *name);

/** Write ", did you mean 'KEY'?" into hint, with the setting (a row that is not OPT_ONCE)
 * nearest to the unknown `key`, or "" if none is near. Returns hint. */
const char *opt_hint(char hint[NEAREST_HINT_BYTES], const struct opt *table, const char *key);

/**
 * Set one value from `text`, after checking it against the row's type and range; the
 * whole text must be the value. `keep` owns the copy of a text value. RF_OK, RF_EUSAGE
 * (eb says why), RF_ENOMEM.
 */
MUST_CHECK int opt_set(const struct opt *row, void *cfg, const char *text,
                       struct opt_strings *keep, struct errbuf *eb);

/**
 * Read the text of a whole YAML file (rf-config(5)) into cfg. Unknown and repeated keys,
 * anchors, aliases and sequences are refused; the error names the line. `name` is for messages.
 * RF_OK, RF_EUSAGE, RF_ENOMEM; after an error cfg may be partly set.
 */
MUST_CHECK int opt_read_yaml(const struct opt *table, void *cfg, const char *text, size_t len,
                             const char *name, struct opt_strings *keep, struct errbuf *eb);

/** Check whether all text values, and with `files` the names of files too, which YAML must
 * hold, are UTF-8. RF_OK, or RF_EUSAGE and a message that names the first one that is not. */
MUST_CHECK int opt_check_text(const struct opt *table, const void *cfg, bool files,
                              struct errbuf *eb);

/** Append the effective configuration as YAML. Rows that are not set
 * (NULL text) are left out. */
MUST_CHECK int opt_write_yaml(const struct opt *table, const void *cfg, struct buf *to);

/** Append "name=value name=value ..." of all rows that are not OPT_LOCAL, for
 * the provenance of a shard. */
MUST_CHECK int opt_describe(const struct opt *table, const void *cfg, struct buf *to);

/** Append a row's value in the form that opt_set() reads. */
MUST_CHECK int opt_format(const struct opt *row, const void *cfg, struct buf *to);

/** Read a whole number; `text` must not hold a sign, a space or anything behind the number.
 * RF_OK, or RF_EUSAGE: *out is untouched then. */
MUST_CHECK int opt_parse_u64(uint64_t *out, const char *text);

/** Read a finite decimal number, which must be all of `text`. RF_OK, or
 * RF_EUSAGE: *out is untouched then. */
MUST_CHECK int opt_parse_real(double *out, const char *text);

#endif
