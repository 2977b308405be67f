/*
 * opt.h: one table of options for each tool.
 *
 * The same rows drive the command line (getopt_long), the YAML file, --help with its defaults,
 * --dump-config, the provenance of shards and the shell completion. A row says where in the
 * tool's configuration struct its value lives; the struct's initial contents are the defaults.
 *
 * A name may have a section, "model.dim": on the command line `--model.dim 256`, in YAML
 *
 *     model:
 *       dim: 256
 *
 * Rows of one section stand together. Numbers take units: counts K M G (thousands), sizes K M G
 * (of 1024 bytes), shares `15%` or `0.15`, times s m h d.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"

enum opt_type {
    OPT_TYPE_END,
    OPT_TYPE_FLAG,  /* bool; on the command line --name and --no-name, in YAML true and false */
    OPT_TYPE_COUNT, /* uint64_t */
    OPT_TYPE_SIZE,  /* uint64_t, bytes */
    OPT_TYPE_REAL,  /* double */
    OPT_TYPE_SHARE, /* double, 0 to 1 */
    OPT_TYPE_TIME,  /* double, seconds */
    OPT_TYPE_TEXT,  /* const char *; NULL: not given */
    OPT_TYPE_FILE,  /* the same, completed as a file's name */
    OPT_TYPE_CHOICE /* int, an index into `choices` */
};

enum opt_flag {
    OPT_LOCAL = 1, /* says how or where, not what (threads, paths): left out of provenance */
    OPT_ONCE = 2   /* what to do this time: not in YAML */
};

struct opt {
    enum opt_type type;
    char letter; /* 0: none */
    const char *name;
    size_t offset;
    double min, max; /* of a number, inclusive, in the unit of the field */
    const char *const *choices;
    const char *const *was; /* earlier names, as many and in the same order, which are still
                               understood; NULL: none */
    const char *arg;        /* what --help calls the value */
    const char *help;
    unsigned flags;
};

#define OPT_ROW_(type_, letter_, name_, cfg_, field_, ctype_, ...)                             \
    {                                                                                          \
        .type = type_, .letter = letter_, .name = name_,                                       \
        .offset = offsetof(cfg_, field_) + 0 * sizeof(&((cfg_ *)0)->field_ == (ctype_ *)0),    \
        __VA_ARGS__                                                                            \
    }
#define OPT_FLAG(letter, name, cfg, field, help_)                                              \
    OPT_ROW_(OPT_TYPE_FLAG, letter, name, cfg, field, bool, .help = help_)
#define OPT_COUNT(letter, name, cfg, field, min_, max_, arg_, help_)                           \
    OPT_ROW_(OPT_TYPE_COUNT, letter, name, cfg, field, uint64_t, .min = min_, .max = max_,     \
             .arg = arg_, .help = help_)
#define OPT_SIZE(letter, name, cfg, field, min_, max_, arg_, help_)                            \
    OPT_ROW_(OPT_TYPE_SIZE, letter, name, cfg, field, uint64_t, .min = min_, .max = max_,      \
             .arg = arg_, .help = help_)
#define OPT_REAL(letter, name, cfg, field, min_, max_, arg_, help_)                            \
    OPT_ROW_(OPT_TYPE_REAL, letter, name, cfg, field, double, .min = min_, .max = max_,        \
             .arg = arg_, .help = help_)
#define OPT_SHARE(letter, name, cfg, field, help_)                                             \
    OPT_ROW_(OPT_TYPE_SHARE, letter, name, cfg, field, double, .min = 0, .max = 1,             \
             .arg = "share", .help = help_)
#define OPT_TIME(letter, name, cfg, field, help_)                                              \
    OPT_ROW_(OPT_TYPE_TIME, letter, name, cfg, field, double, .min = 0, .max = 1e9,            \
             .arg = "time", .help = help_)
#define OPT_TEXT(letter, name, cfg, field, arg_, help_)                                        \
    OPT_ROW_(OPT_TYPE_TEXT, letter, name, cfg, field, const char *, .arg = arg_, .help = help_)
#define OPT_FILE(letter, name, cfg, field, help_)                                              \
    OPT_ROW_(OPT_TYPE_FILE, letter, name, cfg, field, const char *, .arg = "file",             \
             .help = help_, .flags = OPT_LOCAL)
#define OPT_CHOICE(letter, name, cfg, field, choices_, arg_, help_)                            \
    OPT_ROW_(OPT_TYPE_CHOICE, letter, name, cfg, field, int, .choices = choices_, .arg = arg_, \
             .help = help_)
/** How many threads: a row that nearly every tool has. */
#define OPT_THREADS(cfg, field)                                                                \
    OPT_ROW_(OPT_TYPE_COUNT, 'j', "threads", cfg, field, uint64_t, .min = 0, .max = 1023,      \
             .arg = "n", .help = "threads to use; 0: one a core", .flags = OPT_LOCAL)
/** Whether a shard says where it comes from: a row of every tool that writes one. */
#define OPT_PROVENANCE(cfg, field)                                                             \
    OPT_ROW_(OPT_TYPE_FLAG, 0, "provenance", cfg, field, bool,                                 \
             .help = "write tools and options so far into the shard", .flags = OPT_LOCAL)
#define OPT_END                                                                                \
    {                                                                                          \
        .type = OPT_TYPE_END                                                                   \
    }

/** Strings that values point to; freed together. {0} is empty. */
struct opt_strings {
    char **s;
    size_t n;
};
void opt_strings_free(struct opt_strings *s);

/** The row called `name`, or NULL. */
const struct opt *opt_find(const struct opt *table, const char *name);

/**
 * Set one value from text, checked against the row's type and range, all of it or nothing.
 * `keep` owns a copy of a text value. RF_OK, RF_EUSAGE (eb says why), RF_ENOMEM.
 */
MUST_CHECK int opt_set(const struct opt *row, void *cfg, const char *text,
                       struct opt_strings *keep, struct errbuf *eb);

/**
 * Read a whole YAML file's text (rf-config(5)) into cfg. Unknown and repeated keys, anchors,
 * aliases and sequences are refused with their line. `name` is for messages. RF_OK, RF_EUSAGE,
 * RF_ENOMEM; after an error cfg may be partly set.
 */
MUST_CHECK int opt_read_yaml(const struct opt *table, void *cfg, const char *text, size_t len,
                             const char *name, struct opt_strings *keep, struct errbuf *eb);

/** Whether YAML can hold all text values: RF_OK, or RF_EUSAGE and the first that is no UTF-8.
 */
MUST_CHECK int opt_check_text(const struct opt *table, const void *cfg, struct errbuf *eb);

/** Append the effective configuration as YAML; rows that are not set (NULL text) are left out.
 */
MUST_CHECK int opt_write_yaml(const struct opt *table, const void *cfg, struct buf *to);

/** Append "name=value name=value ..." of all rows but OPT_LOCAL ones: for the provenance of a
 * shard. */
MUST_CHECK int opt_describe(const struct opt *table, const void *cfg, struct buf *to);

/** Append a row's value as opt_set() would read it. */
MUST_CHECK int opt_format(const struct opt *row, const void *cfg, struct buf *to);

/** A whole number in text, without sign, space or leftover; RF_OK or RF_EUSAGE, *out untouched
 * then. */
MUST_CHECK int opt_parse_u64(uint64_t *out, const char *text);

/** A finite decimal number in text, all of it; RF_OK or RF_EUSAGE, *out untouched then. */
MUST_CHECK int opt_parse_real(double *out, const char *text);

#endif
