/*
 * wikitext.h: converts MediaWiki markup to plain text.
 *
 * Markup is removed, and what a reader of the page reads as prose stays: each paragraph,
 * heading or list item is a line. Tables, files, categories, footnotes and formulas are
 * removed. Templates listed in wikitext_keep.c leave one of their arguments, or the number,
 * measure, sum or date that all of them make up; others leave nothing.
 * Everything removed is counted. The order of work is MediaWiki's: comments and raw tags,
 * templates (innermost first) and links; tables; quotes line by line; headings and lists;
 * entities, once.
 *
 * For any text the time is linear in its length and the memory a small multiple of it.
 */
#ifndef CORPUS_WIKITEXT_H
#define CORPUS_WIKITEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "corpus/namespaces.h"

/** {0} is the default. Strings are borrowed. */
struct wikitext_cfg {
    const char *keep;    /* more templates to keep, see wikitext_new(); NULL: none */
    const char *variant; /* the variant to take from -{a:...;b:...}-; NULL: the first */
    bool captions;       /* keep the captions of files, each as a line */
};

/** The kinds of what is counted. */
enum wikitext_kind {
    WIKITEXT_KEPT, /* templates that left text */
    WIKITEXT_TEMPLATE,
    WIKITEXT_VALUE, /* templates of a number or date that were not understood */
    WIKITEXT_TAG,   /* elements removed with their content: ref, math, gallery */
    WIKITEXT_TABLE,
    WIKITEXT_FILE,
    WIKITEXT_CATEGORY,
    WIKITEXT_LANGUAGE, /* links to the same page in another language */
    WIKITEXT_URL,      /* external links without a text */
    WIKITEXT_COMMENT,
    WIKITEXT_HEADING, /* headings with no text below them */
    WIKITEXT_LINE,    /* lines without a letter or digit, and remains of tables */
    WIKITEXT_KINDS
};

/** The name of each kind in a report: "template kept", "template", "tag", ... */
extern const char *const wikitext_kind_names[WIKITEXT_KINDS];

/** What one or several conversions removed. {0} is nothing. */
struct wikitext_removed {
    uint64_t count[WIKITEXT_KINDS];
    bool want_names;  /* false: `names` stays empty */
    struct buf names; /* of templates and tags: kind + 1 in one byte, the name, NUL */
};

struct wikitext;      /* the rules; using them changes nothing, so threads may share them */
struct wikitext_work; /* the memory of one thread */

/**
 * Make the rules for a configuration. `keep` is NAME=WHAT[,NAME=WHAT...], where WHAT is the
 * number of the argument to keep (0: none), or a text with $1 to $9 in it, each at most once,
 * or with $L (the last) or $* (all). RF_OK with *w, which wikitext_free() takes back;
 * RF_EUSAGE, RF_ENOMEM.
 */
MUST_CHECK int wikitext_new(struct wikitext **w, const struct wikitext_cfg *cfg,
                            struct errbuf *eb);
void wikitext_free(struct wikitext *w);

/** Make the buffers for wikitext_convert(). NULL: no memory. */
struct wikitext_work *wikitext_work_new(void);
void wikitext_work_free(struct wikitext_work *k);

/**
 * Append the plain text of s[n] to `to` as lines, each ended by LF, none empty. `s` must be
 * valid UTF-8 without control bytes except tab and LF. `title` is that of the page, for
 * templates that name it. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int wikitext_convert(const struct wikitext *w, struct wikitext_work *k,
                                const struct namespaces *ns, const char *title, const char *s,
                                size_t n, struct buf *to, struct wikitext_removed *removed);

/** True if the text says that the page is only a redirect to another page. */
bool wikitext_is_redirect(const char *s, size_t n);

#endif
