/*
 * wikitext.h: MediaWiki markup to plain text.
 *
 * The markup goes, what a reader of the page would read as prose stays: a paragraph, a heading,
 * a list item a line. Tables, files, categories, footnotes and formulas go; of templates, those
 * of a table (wikitext_keep.c) leave one of their arguments and the others nothing. Whatever
 * goes is counted. The order of work is MediaWiki's: comments and raw tags, templates,
 * innermost first, and links; tables; quotes a line at a time; headings and lists; entities,
 * once.
 *
 * Time is linear in the text and memory a small multiple of it, whatever the text is.
 */
#ifndef CORPUS_WIKITEXT_H
#define CORPUS_WIKITEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "corpus/namespaces.h"

/** {0} is the default. Strings are borrowed. */
struct wikitext_cfg {
    const char *keep;    /* NULL, or more templates to keep: wikitext_new() */
    const char *variant; /* the language variant to take of -{a:...;b:...}-; NULL: the first */
    bool captions;       /* keep the captions of files, each a line */
};

/** What is counted. */
enum wikitext_kind {
    WIKITEXT_KEPT, /* templates that left text */
    WIKITEXT_TEMPLATE,
    WIKITEXT_TAG, /* elements that went with their content: ref, math, gallery */
    WIKITEXT_TABLE,
    WIKITEXT_FILE,
    WIKITEXT_CATEGORY,
    WIKITEXT_LANGUAGE, /* links to the page in another language */
    WIKITEXT_URL,      /* external links without a text */
    WIKITEXT_COMMENT,
    WIKITEXT_HEADING, /* headings with nothing under them */
    WIKITEXT_LINE,    /* lines without a letter or digit, rests of tables */
    WIKITEXT_KINDS
};

/** "template kept", "template", "tag", ...: what each is called in a report. */
extern const char *const wikitext_kind_names[WIKITEXT_KINDS];

/** What one conversion, or several, removed; {0} is nothing. */
struct wikitext_removed {
    uint64_t count[WIKITEXT_KINDS];
    bool want_names;  /* else `names` stays empty */
    struct buf names; /* of templates and tags: kind + 1 in one byte, the name, NUL */
};

struct wikitext;      /* the rules: not changed by use, so threads may share it */
struct wikitext_work; /* memory of one thread */

/**
 * The rules for a configuration. `keep` is NAME=WHAT[,NAME=WHAT...], and WHAT the number of the
 * argument to keep (0: none), or a text with $1 to $9 in it, each at most once, or $L (the
 * last) or $* (all). RF_OK with *w for wikitext_free(), RF_EUSAGE, RF_ENOMEM.
 */
MUST_CHECK int wikitext_new(struct wikitext **w, const struct wikitext_cfg *cfg,
                            struct errbuf *eb);
void wikitext_free(struct wikitext *w);

/** Scratch for wikitext_convert(). NULL: no memory. */
struct wikitext_work *wikitext_work_new(void);
void wikitext_work_free(struct wikitext_work *k);

/**
 * Append the plain text of s[n] to `to`: lines, each ended by LF, none empty. `s` is valid
 * UTF-8 without control bytes but tab and LF; `title` is the page's, for templates that name
 * it. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int wikitext_convert(const struct wikitext *w, struct wikitext_work *k,
                                const struct namespaces *ns, const char *title, const char *s,
                                size_t n, struct buf *to, struct wikitext_removed *removed);

/** True if the text says that the page is only another name of one. */
bool wikitext_is_redirect(const char *s, size_t n);

#endif
