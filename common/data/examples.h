/*
 * examples.h: sentences, or pairs of them, with their classes: as lines of fields with tabs
 * between, or as JSON lines; and as sequences in a shard.
 */
#ifndef DATA_EXAMPLES_H
#define DATA_EXAMPLES_H

#include "base/progress.h"
#include "shard/shard.h"
#include "wordpiece/wordpiece.h"

/** How examples are written. */
struct examples_cfg {
    bool labelled; /* each has a class, in the first field or in the member `label` */
    int invalid;   /* an invalid_mode */
    bool jsonl;    /* each line is a JSON object; else it is fields, with tabs between */
    const char *label, *text, *pair; /* names of members, for jsonl */
};

/** The rows of struct examples_cfg for a tool's table, but for `labelled`. */
#define EXAMPLES_ROWS(cfg, field)                                                              \
    OPT_FLAG(0, "jsonl", cfg, field.jsonl, "read JSON lines instead of fields"),               \
        OPT_TEXT(0, "label", cfg, field.label, "member", "where JSON lines have the class"),   \
        OPT_TEXT(0, "text", cfg, field.text, "member", "where they have the text"),            \
        OPT_TEXT(0, "pair", cfg, field.pair, "member", "where they have a second text"),       \
        OPT_CHOICE(0, "invalid", cfg, field.invalid, invalid_names, "what",                    \
                   "what to do about bytes that are not UTF-8")
#define EXAMPLES_CFG_DEFAULT                                                                   \
    {                                                                                          \
        .label = "label", .text = "text", .pair = "pair"                                       \
    }

/** A sentence or a pair; the texts live until the next one is read. */
struct example {
    const char *label, *text, *pair; /* pair NULL: there is no second text */
    size_t label_len, text_len, pair_len;
};

struct examples;

/** Read the examples of several files one after the other; n = 0 reads standard input. All that
 * is given must live as long as *e. RF_OK or lines_open()'s errors. */
MUST_CHECK int examples_open(struct examples **e, char *const *names, int n,
                             const struct examples_cfg *cfg, struct errbuf *eb);

/** Read the next example: 1, 0 at the end, or RF_EFORMAT (a field or member is missing, or
 * there are too many), or the errors of lines_next() and json_next(). */
MUST_CHECK int examples_next(struct examples *e, struct example *x, struct errbuf *eb);

/** The lines that the examples come from, for messages and progress. */
const struct lines *examples_lines(const struct examples *e);

void examples_close(struct examples *e); /* NULL is fine */

/**
 * Append an example as a sequence: [CLS] text [SEP], or [CLS] text [SEP] pair [SEP]. If it is
 * longer than max_len, the end of the longer text is cut until it is not; *cut is how many
 * tokens are left out. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int example_encode(const struct example *x, struct wordpiece *w,
                              const struct special_ids *special, size_t max_len, struct ids *to,
                              size_t *cut);

/** The number of a class among the lines of `classes`; SIZE_MAX: it is not there. */
size_t class_number(const char *classes, const char *name, size_t len);

/** Collect the classes of files of examples, sorted by their bytes, as lines; *count is how
 * many examples there are. RF_OK; examples_next()'s errors; RF_EFORMAT (a class that cannot be
 * the name of one in a shard); RF_ERANGE (more than SHARD_CLASSES_MAX). */
MUST_CHECK int examples_classes(struct buf *to, uint64_t *count, char *const *names, int n,
                                const struct examples_cfg *cfg, struct errbuf *eb);

/** The same of a shard of kind classes, of which only the header is read, or of a text with a
 * name a line, which a shard's writer checks. RF_OK or the errors of reading. */
MUST_CHECK int classes_of_shard(struct buf *to, const char *name, struct errbuf *eb);
MUST_CHECK int classes_of_file(struct buf *to, const char *name, struct errbuf *eb);

struct examples_totals {
    uint64_t examples, tokens, cut; /* cut: sequences that were too long */
};

/** Encode all examples into a shard of kind classes, whose class names are `classes`. RF_OK;
 * RF_EFORMAT (a class is none of these); the errors of examples_next() and shard_write(). */
MUST_CHECK int examples_to_shard(struct examples *e, const char *classes, struct wordpiece *w,
                                 const struct shard_info *info, struct shard_writer *to,
                                 struct examples_totals *t, struct progress *p,
                                 struct errbuf *eb);

#endif
