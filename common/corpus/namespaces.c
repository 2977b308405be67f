#include "corpus/namespaces.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "corpus/mediawiki_tables.h"
#include "text/unicode.h"

/* Names that every dump may use, whatever its siteinfo says: those of extensions, of the site
 * itself, and the English and Korean ones. Sorted by bytes. */
static const struct mediawiki_namespace more[] = {
    {"book", 108},         {"draft", 118},    {"gadget", 2300},   {"gadget definition", 2302},
    {"help", 12},          {"mediawiki", 8},  {"module", 828},    {"portal", 100},
    {"project", 4},        {"special", -1},   {"timedtext", 710}, {"topic", 2600},
    {"user", 2},           {"wikipedia", 4},  {"도움말", 12},     {"들머리", 100},
    {"모듈", 828},         {"미디어위키", 8}, {"사용자", 2},      {"위키백과", 4},
    {"위키프로젝트", 102}, {"초안", 118},     {"특수", -1},       {"특수기능", -1},
    {"포털", 100},         {"프로젝트", 4},
};
enum { N_MORE = sizeof more / sizeof *more };

/* Returns a code point in lower case. Only İ becomes two code points, and no namespace
 * begins with it. */
static uint32_t lower(uint32_t cp)
{
    const struct uni_map *row;

    if (cp < 0x80)
        return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
    if (!(uni_class(cp) & UNI_LOWER) || !(row = uni_find(uni_lower, uni_lower_n, cp)))
        return cp;
    return row->to[0];
}

size_t wiki_fold(char *out, const char *s, size_t n)
{
    size_t len = 0;
    int gap = 0;

    for (size_t i = 0; i < n;) {
        uint32_t cp = (unsigned char)s[i];

        if (cp < 0x80)
            i++;
        else
            i += utf8_next(&cp, s + i);
        if (cp == ' ' || cp == '_' || cp == '\t' || cp == '\n' || cp == 0xA0) {
            gap = len > 0;
            continue;
        }
        if (cp < ' ')
            continue; /* a mark of text that was dropped */
        if (len + UTF8_MAX_BYTES + 2 > WIKI_NAME_BYTES)
            return 0;
        if (gap)
            out[len++] = ' ';
        gap = 0;
        if (cp < 0x80)
            out[len++] = (char)lower(cp);
        else
            len += utf8_encode(out + len, lower(cp));
    }
    out[len] = '\0';
    return len;
}

void namespaces_add(struct namespaces *ns, int key, const char *name, size_t len)
{
    if (ns->n < NAMESPACES_MAX && utf8_check(name, len) == len &&
        wiki_fold(ns->row[ns->n].name, name, len))
        ns->row[ns->n++].key = key;
}

static int by_name(const void *name, const void *row)
{
    return strcmp(name, ((const struct mediawiki_namespace *)row)->name);
}

/* Returns the namespace that some language of MediaWiki calls so, or NS_ARTICLE. */
static int of_any_language(const char *name)
{
    const struct mediawiki_namespace *row =
        bsearch(name, mediawiki_namespaces, mediawiki_namespaces_n, sizeof *row, by_name);

    return row ? row->key : NS_ARTICLE;
}

/* Files, categories and templates are written into pages, and other wikis' names of them are
 * found there too: in pages that were copied, and because the siteinfo has no aliases. The
 * other namespaces only keep pages out, and "Vita:" or "Help:" can begin a title. */
static bool is_in_pages(int key)
{
    return key == NS_FILE || key == NS_MEDIA || key == NS_CATEGORY || key == NS_TEMPLATE;
}

static bool ends_with(const char *s, size_t n, const char *tail)
{
    size_t len = strlen(tail);

    return n >= len && memcmp(s + n - len, tail, len) == 0;
}

/* "talk", "user talk", "토론", "사용자토론", "틀 토론"; in other languages the word stands
 * first or last: "benutzer diskussion", "обсуждение участника". */
static bool is_talk(const char *name, size_t n, bool any_language)
{
    const char *first_end = strchr(name, ' '), *last = strrchr(name, ' ');
    char first[WIKI_NAME_BYTES];

    if (strcmp(name, "talk") == 0 || ends_with(name, n, " talk") || strcmp(name, "토론") == 0 ||
        ends_with(name, n, " 토론") || strcmp(name, "사용자토론") == 0)
        return true;
    if (!any_language || !last)
        return false;
    memcpy(first, name, (size_t)(first_end - name));
    first[first_end - name] = '\0';
    return of_any_language(last + 1) == NS_TALK || of_any_language(first) == NS_TALK;
}

int namespaces_find(const struct namespaces *ns, const char *s, size_t n)
{
    char name[WIKI_NAME_BYTES];
    size_t len = wiki_fold(name, s, n);
    const struct mediawiki_namespace *row;
    int key;

    if (len == 0)
        return NS_ARTICLE;
    for (size_t i = 0; i < ns->n; i++)
        if (strcmp(ns->row[i].name, name) == 0)
            return ns->row[i].key;
    row = bsearch(name, more, N_MORE, sizeof *row, by_name);
    if (row)
        return row->key;
    key = of_any_language(name);
    if (is_in_pages(key) || ns->n == 0)
        return key == NS_ARTICLE && is_talk(name, len, true) ? NS_TALK : key;
    return is_talk(name, len, false) ? NS_TALK : NS_ARTICLE;
}

static int by_word(const void *word, const void *row)
{
    return strcmp(word, *(const char *const *)row);
}

bool wiki_is_redirect_word(const char *s, size_t n)
{
    char word[WIKI_NAME_BYTES];

    return wiki_fold(word, s, n) &&
           bsearch(word, mediawiki_redirects, mediawiki_redirects_n, sizeof(char *), by_word);
}
