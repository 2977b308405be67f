/*
 * namespaces.h: the names before the colon of a wiki's titles and links, such as "File" or
 * "분류".
 *
 * The siteinfo of a dump names them. It may be missing, or be that of another wiki, so the
 * English and Korean names are always known. Names of all other languages can be guessed: pages
 * are copied from wiki to wiki, and the siteinfo has no aliases. But a guess needs more to go
 * on, because "Imagine" means files in one language, and begins a title in another.
 */
#ifndef CORPUS_NAMESPACES_H
#define CORPUS_NAMESPACES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
    NS_MEDIA = -2,
    NS_ARTICLE = 0,
    NS_TALK = 1, /* stands for all talk pages that no siteinfo names */
    NS_FILE = 6,
    NS_TEMPLATE = 10,
    NS_CATEGORY = 14,
};

enum { NAMESPACES_MAX = 256, WIKI_NAME_BYTES = 64 };

/** {0} knows only the built-in names. The struct may be copied. */
struct namespaces {
    size_t n;
    struct {
        int key;
        char name[WIKI_NAME_BYTES]; /* as wiki_fold() writes it */
    } row[NAMESPACES_MAX];
};

/**
 * Write a name in the form in which the wiki compares it: trimmed, _ as a space, one space
 * between words, lower case. Returns its length in out[WIKI_NAME_BYTES], where a NUL follows
 * it; 0 if nothing is left or it does not fit. s[n] must be valid UTF-8.
 */
size_t wiki_fold(char *out, const char *s, size_t n);

/** Add a name. It is left out if there are too many, or it is too long or not UTF-8. */
void namespaces_add(struct namespaces *ns, int key, const char *name, size_t len);

/** Returns the namespace called s[n] in the siteinfo, in English or in Korean, or NS_ARTICLE if
 * there is none. */
int namespaces_find(const struct namespaces *ns, const char *s, size_t n);

/** Returns the namespace that some language calls s[n], or NS_ARTICLE if none does. */
int namespaces_guess(const char *s, size_t n);

/** True for what stands before the link of a redirect in some language: "#REDIRECT". */
bool wiki_is_redirect_word(const char *s, size_t n);

#endif
