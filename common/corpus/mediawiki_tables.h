/*
 * mediawiki_tables.h: words of all languages of MediaWiki, sorted by bytes. mediawiki_tables.py
 * takes them from its message files.
 */
#ifndef CORPUS_MEDIAWIKI_TABLES_H
#define CORPUS_MEDIAWIKI_TABLES_H

#include <stddef.h>

struct mediawiki_namespace {
    const char *name; /* as wiki_fold() writes it */
    int key;
};

/** The names of the namespaces media, special, talk, user, file, MediaWiki, template, help and
 * category, and their aliases. */
extern const struct mediawiki_namespace mediawiki_namespaces[];
extern const size_t mediawiki_namespaces_n;

struct mediawiki_function {
    const char *name, *english; /* "zahlenformat:", "formatnum:", as wiki_fold() writes them */
};

/** The names of formatnum, lc, uc, lcfirst and ucfirst. */
extern const struct mediawiki_function mediawiki_functions[];
extern const size_t mediawiki_functions_n;

/** The words before the link of a redirect, with their #, as wiki_fold() writes them. */
extern const char *const mediawiki_redirects[];
extern const size_t mediawiki_redirects_n;

/** The options in [[File:x.jpg|thumb|300px|alt=b]]: whole words, what stands before a value and
 * what stands behind a width. */
extern const char *const mediawiki_options[];
extern const size_t mediawiki_options_n;
extern const char *const mediawiki_option_heads[];
extern const size_t mediawiki_option_heads_n;
extern const char *const mediawiki_option_tails[];
extern const size_t mediawiki_option_tails_n;

/** What stands between the lines of __NOTOC__. */
extern const char *const mediawiki_switches[];
extern const size_t mediawiki_switches_n;

#endif
