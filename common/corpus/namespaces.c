#include "corpus/namespaces.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "corpus/mediawiki_tables.h"
#include "text/unicode.h"

/* The names that count in every dump. Sorted by bytes. is_talk() knows the talk pages. */
static const struct mediawiki_namespace known[] = {
    {"book", 108},
    {"category", NS_CATEGORY},
    {"draft", 118},
    {"file", NS_FILE},
    {"gadget", 2300},
    {"gadget definition", 2302},
    {"help", 12},
    {"image", NS_FILE},
    {"media", NS_MEDIA},
    {"mediawiki", 8},
    {"module", 828},
    {"portal", 100},
    {"project", 4},
    {"special", -1},
    {"template", NS_TEMPLATE},
    {"timedtext", 710},
    {"topic", 2600},
    {"user", 2},
    {"wikipedia", 4},
    {"그림", NS_FILE},
    {"도움말", 12},
    {"들머리", 100},
    {"모듈", 828},
    {"미디어", NS_MEDIA},
    {"미디어위키", 8},
    {"분류", NS_CATEGORY},
    {"사용자", 2},
    {"위키백과", 4},
    {"위키프로젝트", 102},
    {"초안", 118},
    {"특수", -1},
    {"특수기능", -1},
    {"틀", NS_TEMPLATE},
    {"파일", NS_FILE},
    {"포털", 100},
    {"프로젝트", 4},
};
enum { N_KNOWN = sizeof known / sizeof *known };

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

static bool ends_with(const char *s, size_t n, const char *tail)
{
    size_t len = strlen(tail);

    return n >= len && memcmp(s + n - len, tail, len) == 0;
}

static bool is_talk(const char *name, size_t n)
{
    return strcmp(name, "talk") == 0 || ends_with(name, n, " talk") ||
           strcmp(name, "토론") == 0 || ends_with(name, n, " 토론") ||
           strcmp(name, "사용자토론") == 0;
}

int namespaces_find(const struct namespaces *ns, const char *s, size_t n)
{
    char name[WIKI_NAME_BYTES];
    size_t len = wiki_fold(name, s, n);
    const struct mediawiki_namespace *row;

    if (len == 0)
        return NS_ARTICLE;
    for (size_t i = 0; i < ns->n; i++)
        if (strcmp(ns->row[i].name, name) == 0)
            return ns->row[i].key;
    row = bsearch(name, known, N_KNOWN, sizeof *row, by_name);
    if (row)
        return row->key;
    return is_talk(name, len) ? NS_TALK : NS_ARTICLE;
}

static int of_any_language(const char *name)
{
    const struct mediawiki_namespace *row =
        bsearch(name, mediawiki_namespaces, mediawiki_namespaces_n, sizeof *row, by_name);

    return row ? row->key : NS_ARTICLE;
}

int namespaces_guess(const char *s, size_t n)
{
    char name[WIKI_NAME_BYTES], *space;
    int key;

    if (!wiki_fold(name, s, n))
        return NS_ARTICLE;
    if ((key = of_any_language(name)) != NS_ARTICLE || !(space = strchr(name, ' ')))
        return key;
    /* "benutzer diskussion", "обсуждение участника" */
    if (of_any_language(strrchr(name, ' ') + 1) == NS_TALK)
        return NS_TALK;
    *space = '\0';
    return of_any_language(name) == NS_TALK ? NS_TALK : NS_ARTICLE;
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
