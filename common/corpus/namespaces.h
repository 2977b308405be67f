/*
 * namespaces.h: what stands before the colon of a wiki's titles and links, "File", "분류".
 *
 * A dump's siteinfo names them, but not always, and sometimes those of another wiki: the
 * English and Korean names are always known besides.
 */
#ifndef CORPUS_NAMESPACES_H
#define CORPUS_NAMESPACES_H

#include <stddef.h>

#include "base/err.h"

enum {
    NS_MEDIA = -2,
    NS_ARTICLE = 0,
    NS_FILE = 6,
    NS_TEMPLATE = 10,
    NS_CATEGORY = 14,
};

enum { NAMESPACES_MAX = 256, WIKI_NAME_BYTES = 64 };

/** {0} knows the built-in names alone. Plain data: may be copied. */
struct namespaces {
    size_t n;
    struct {
        int key;
        char name[WIKI_NAME_BYTES]; /* as wiki_fold() gives it */
    } row[NAMESPACES_MAX];
};

/**
 * Write a name as the wiki compares it: trimmed, _ as space, one space between words, lower
 * case. Returns the length in out[WIKI_NAME_BYTES], which is NUL-terminated; 0 if nothing is
 * left or it does not fit. s[n] is valid UTF-8.
 */
size_t wiki_fold(char *out, const char *s, size_t n);

/** Add a name; one too many, too long or not UTF-8 is left out. */
void namespaces_add(struct namespaces *ns, int key, const char *name, size_t len);

/** The namespace called s[n], NS_ARTICLE if there is none. */
int namespaces_find(const struct namespaces *ns, const char *s, size_t n);

#endif
