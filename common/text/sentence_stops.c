/*
 * sentence_stops.c: full stops that do not end a sentence: numbers, initials, abbreviations.
 *
 * Most abbreviations can stand before a word that begins a sentence as well as before one that
 * does not. So they are sorted by what must follow if the sentence goes on.
 */
#include "text/sentence_stops.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "text/unicode.h"

enum {
    WORD_MAX = 64 /* in bytes: no longer word is looked at, so that time is linear */
};

enum abbreviation {
    ABBR_NONE,
    ABBR_NEVER,   /* Dr, cf: something always follows */
    ABBR_OPEN,    /* St, Calif: ends a sentence only before a word such as "The" */
    ABBR_DEGREE,  /* med: goes on behind another abbreviation, as in "Dr. med." */
    ABBR_NUMBER,  /* vol, Eq: goes on before a number */
    ABBR_YEAR,    /* fl, ca: goes on before a number, a month, AD */
    ABBR_CLOSING, /* etc, Inc: goes on unless a capital letter follows */
};

/* Without the last full stop. A form in small letters stands for capitals too (no: No), a form
 * that begins with a capital only for words that do (Mass is not mass). The first form that
 * fits decides. */
static const struct {
    enum abbreviation is;
    const char *forms;
} abbreviation_rows[] = {
    /* persons */
    {ABBR_NEVER, "dr|drs|mr|mrs|Ms|mx|messrs|prof|Gen|Brig|Col|capt|cpt|Maj|lt|sgt|cpl|pvt|"
                 "cmdr|comdr|Adm|Sen|Sens|Gov|Govs|Rep|Reps|Pres|supt|insp|Det|asst|Amb|atty|"
                 "attys|Rev|Hon|Msgr|Mme|Mlle|Sra|Srta|Dra|Hr|Frl|dipl|проф|акад"},
    /* what is compared, explained or about to be named */
    {ABBR_NEVER, "vs|cf|e.g|i.e|viz|approx|esp|incl|resp|a.k.a|z.b|d.h|bzw|vgl|ggf|evtl|"
                 "inkl|exkl|zzgl|ул"},
    /* places, and what stands inside a name */
    {ABBR_OPEN, "v|feat|st|ste|Mt|Mts|Ft|Pt|Sr|Univ|Natl|Intl|"
                "Ala|Ariz|Ark|Calif|Colo|Conn|Fla|Ill|Ind|Kan|Ky|Mass|Mich|Minn|Mont|"
                "Neb|Nev|Okla|Ore|Penn|Penna|Tenn|Tex|Va|Vt|Wash|Wis|Wyo|Ont|Que"},
    {ABBR_DEGREE, "med|phil|jur|rer|nat|pol|oec|habil|h.c"},
    /* parts of works, numbered things, months and days, units */
    {ABBR_NUMBER, "p|pp|vol|vols|no|nos|nr|fig|figs|ch|Chap|chaps|sec|secs|sect|art|arts|op|"
                  "eq|eqs|eqn|eqns|ref|refs|tab|thm|Lem|Def|Prop|Cor|Par|para|paras|app|appx|"
                  "ver|fol|fols|ll|nn|vv|cols|bk|bks|ex|exs|iss|ser|pl|apt|rm|ext|"
                  "Abb|Abs|Anm|Bd|Kap|Str|рис|стр|гл|т"},
    {ABBR_NUMBER, "jan|feb|febr|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|"
                  "Mon|tue|tues|wed|thu|thur|thurs|Fri|Sat"},
    {ABBR_NUMBER, "max|min|mins|hr|hrs|lb|lbs|oz|ft|yd|yds|mi|sq|cu|gal|deg"},
    {ABBR_YEAR, "fl|ca|cca|est|geb|gest"},
    {ABBR_CLOSING, "etc|a.m|p.m|inc|ltd|co|corp|bros|plc|jr|al|ph.d|m.d|b.c|a.d|b.c.e|c.e|esq|"
                   "dept|assn|inst|Ave|Blvd|Rd|Bldg|ed|eds|ff|usw|usf|u.s.w"},
};

/* Words that begin a sentence and are no names. They must be whole. */
static const char starters[] =
    "A|After|All|Also|Although|And|Another|Are|As|At|Because|Before|Both|But|By|Despite|Did|"
    "Does|During|Each|For|From|Has|Have|He|Here|His|How|However|I|If|In|Is|It|Its|Later|Many|"
    "Most|My|Nobody|Not|Now|On|Our|She|Since|Some|Such|That|The|Their|Then|There|These|They|"
    "This|Those|Was|We|Were|What|When|Where|Which|While|Who|Why|With|Yes|You|Your|"
    "Aber|Auch|Auf|Bei|Dann|Das|Der|Die|Diese|Dieser|Dieses|Dort|Ein|Eine|Er|Es|Ich|Im|Mit|"
    "Nach|Nun|Sie|Und|Wenn|Wie|Wir|"
    "그|그가|그것은|그녀는|그는|그래서|그러나|그런데|그리고|그의|따라서|또|또한|이|이것은|"
    "이는|이후|하지만";

/* Capitalised months. Those in small letters need no list. */
static const char months[] = "January|February|March|April|May|June|July|August|September|"
                             "October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|"
                             "Oct|Nov|Dec|Spring|Summer|Autumn|Winter";
static const char eras[] = "AD|BC|CE|BCE|AH|A.D|B.C";

/* What "3." stands before where it means "third" in German, and what stands before it. Words
 * that are English too are left out. */
static const char german_ordinals[] =
    "Januar|Jänner|Februar|März|Mai|Juni|Juli|Oktober|Dezember|Jahrhundert|Jahrhunderts|"
    "Jahrtausend|Jahrtausends|Weltkrieg|Weltkriegs|Weltkrieges|Bundesliga|Lebensjahr|Jahrestag|"
    "Geburtstag|Auflage|Kapitel|Platz|Spieltag";
static const char german_articles[] =
    "der|den|dem|des|das|vom|zum|zur|im|beim|seit|ab|bis|ein|eine|einen|einem|einer|seinem|"
    "seinen|seiner|ihrem|ihren|ihrer|jeder|jeden|jedem|Der|Den|Dem|Das|Vom|Zum|Im|Beim|Seit|Ab|"
    "Am";

/* Names that end in an exclamation mark. */
static const char call_names[] = "Yahoo|YAHOO|Joomla|Jeopardy|Wham|E|야후";

/* --- characters and words */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_capital(uint32_t cp)
{
    return cp < 0x80 ? cp >= 'A' && cp <= 'Z' : cp < 0x3000 && uni_class(cp) & UNI_LOWER;
}

/* True for a small letter of Latin, Greek, Cyrillic, Armenian. */
static bool is_small(uint32_t cp)
{
    if (cp < 0x80)
        return cp >= 'a' && cp <= 'z';
    return ((cp >= 0xDF && cp < 0x2B0 && cp != 0xF7) || (cp >= 0x370 && cp < 0x588) ||
            (cp >= 0x1E00 && cp < 0x2000)) &&
           !(uni_class(cp) & (UNI_LOWER | UNI_PUNCT | UNI_MARK));
}

static bool is_letter(uint32_t cp)
{
    return is_small(cp) || is_capital(cp);
}

static bool is_among(char c, const char *signs)
{
    return c && strchr(signs, c);
}

/* True if the n bytes at s are one of the words in `list`, which stand between bars. */
static bool is_in(const char *list, const char *s, size_t n)
{
    while (*list) {
        size_t len = strcspn(list, "|");

        if (len == n && memcmp(list, s, n) == 0)
            return true;
        list += len + (list[len] == '|');
    }
    return false;
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
}

void stop_words_init(struct stop_words *w)
{
    unsigned n = 0;

    *w = (struct stop_words){0};
    for (size_t i = sizeof abbreviation_rows / sizeof *abbreviation_rows; i-- > 0;)
        for (const char *f = abbreviation_rows[i].forms; *f;) {
            size_t len = strcspn(f, "|");
            unsigned char first = lower(*f);

            assert(n < STOP_WORDS_MAX);
            w->words[n] = (struct stop_word){.form = f,
                                             .len = (uint8_t)len,
                                             .is = (uint8_t)abbreviation_rows[i].is,
                                             .next = w->first[first]};
            w->first[first] = (uint16_t)++n;
            f += len + (f[len] == '|');
        }
}

static enum abbreviation abbreviation(const struct stop_words *w, const char *s, size_t n)
{
    for (unsigned at = w->first[lower(*s)]; at; at = w->words[at - 1].next) {
        const struct stop_word *word = &w->words[at - 1];
        char c = *word->form;

        if (word->len == n && strncasecmp(word->form, s, n) == 0 &&
            !(c >= 'A' && c <= 'Z' && c != *s))
            return (enum abbreviation)word->is;
    }
    return ABBR_NONE;
}

bool stop_is_number(const char *p, const char *end)
{
    if (end - p > 3 && (memcmp(p, "‘", 3) == 0 || memcmp(p, "’", 3) == 0))
        p += 3;
    while (p < end && (is_digit(*p) || is_among(*p, ".-()[]'`")))
        p++;
    return p == end;
}

/* True for a syllable that numbers the items of a list. */
static bool is_item(const char *p)
{
    static const char syllables[] = "가나다라마바사아자차카타파하"
                                    "거너더러머버서어저처커터퍼허";

    for (size_t i = 0; i < sizeof syllables - 1; i += 3)
        if (memcmp(syllables + i, p, 3) == 0)
            return true;
    return false;
}

enum stop_sort stop_sort(const char *start, const char *word)
{
    uint32_t cp;

    if (word - start > WORD_MAX)
        return STOP_WORD;
    if (stop_is_number(start, word))
        return STOP_NUMBER;
    if (utf8_next(&cp, start) != (size_t)(word - start))
        return STOP_WORD;
    if (utf8_is_hangul(cp))
        return is_item(start) ? STOP_ITEM : STOP_SYLLABLE;
    return is_letter(cp) ? STOP_LETTER : STOP_WORD;
}

/* --- what follows */

/* Returns the first character behind quotation marks and brackets that open at p. */
static const char *behind_opening(const char *p, const char *end)
{
    while (p < end) {
        uint32_t cp;
        size_t n = utf8_next(&cp, p);

        if (cp < 0x80
                ? !is_among(*p, "\"'`([{<")
                : cp != 0xAB && !(cp >= 0x2018 && cp <= 0x201F) && cp != 0x300C && cp != 0x300E)
            break;
        p += n;
    }
    return p;
}

static bool is_word(uint32_t cp)
{
    return is_letter(cp) || utf8_is_hangul(cp) || (cp >= '0' && cp <= '9');
}

/* Returns the length of the word at p: letters and digits. */
static size_t word_length(const char *p, const char *end)
{
    const char *q = p;
    uint32_t cp;
    size_t n;

    while (q < end && q - p < WORD_MAX && (n = utf8_next(&cp, q)) > 0 && is_word(cp))
        q += n;
    return (size_t)(q - p);
}

/* Returns the start of the word that ends at p. */
static const char *word_start(const char *line, const char *p)
{
    const char *q = p, *before = p;

    while (q > line && p - q < WORD_MAX && is_word(utf8_prev(line, &before)))
        q = before;
    return q;
}

static bool follows(const char *list, const char *p, const char *end)
{
    size_t n = word_length(p, end);

    return n && is_in(list, p, n);
}

/* True if a word that begins sentences follows, and not a name that is written alike (He, K.).
 */
static bool starter_follows(const char *p, const char *end)
{
    size_t n = word_length(p, end);
    uint32_t cp = ' ';

    if (!n || !is_in(starters, p, n))
        return false;
    if (p + n < end)
        utf8_next(&cp, p + n);
    return cp == ' ' || cp == '\t' || cp == 0xA0 || cp == '\'' || cp == 0x2019;
}

/* True for 3, (3), #3, S3, A.1 and IV. "I" is more often a word. */
static bool number_follows(const char *p, const char *end)
{
    const char *q;

    while (p < end && is_among(*p, "([#-~"))
        p++;
    if (p == end || is_digit(*p))
        return p < end;
    if (*p >= 'A' && *p <= 'Z' && end - p > 1 &&
        (is_digit(p[1]) || (p[1] == '.' && end - p > 2 && is_digit(p[2]))))
        return true;
    for (q = p; q < end && is_among(*q, "IVXLC"); q++)
        ;
    return q > p && !(q - p == 1 && *p == 'I') && (q == end || !word_length(q, end));
}

/* --- the full stop */

/* Returns the start of the word that ends before p, and sets *p to its end. */
static const char *word_before(const char *line, const char **p)
{
    while (*p > line && is_among((*p)[-1], " \t"))
        --*p;
    return word_start(line, *p);
}

/* True if the number means an ordinal of German: "am 3. April", "im 19. Jahrhundert". */
static bool is_ordinal(const struct stop *s)
{
    const char *end = s->start, *p, *i;

    if (s->word - s->start > 3)
        return false;
    if (follows(german_ordinals, s->next, s->end))
        return true;
    p = word_before(s->line, &end);
    if (is_in(german_articles, p, (size_t)(end - p)))
        return true;
    if (end - p != 2 || memcmp(p, "am", 2) != 0)
        return false;
    end = p; /* English says "I am 25." */
    i = word_before(s->line, &end);
    return !(end - i == 1 && *i == 'I');
}

/* True if the stop behind a single letter ends a sentence. A capital is an initial; a small one
 * stands before a year (d. 1260), a page or another letter (z. B.). */
static bool letter_ends(const struct stop *s, uint32_t cp)
{
    uint32_t next;
    size_t n;

    if (s->row)
        return false;
    if (is_capital(cp))
        return starter_follows(s->next, s->end);
    n = utf8_next(&next, s->next);
    if (is_letter(next) && s->next + n < s->end && s->next[n] == '.')
        return false;
    return !number_follows(s->next, s->end) && !follows(eras, s->next, s->end) &&
           !follows(months, s->next, s->end);
}

/* True if a full stop and white space stand before p. */
static bool behind_stop(const char *line, const char *p)
{
    const char *end = p;

    word_before(line, &end);
    return end < p && end > line && end[-1] == '.';
}

/* True if the stop behind the word p..s->word, made of letters and inner stops, ends a
 * sentence. */
static bool word_ends(const struct stop *s, const char *p, bool dotted)
{
    const char *next = behind_opening(s->next, s->end);
    const char *last = s->word;
    uint32_t cp = utf8_prev(p, &last), first = 0;

    if (next < s->end)
        utf8_next(&first, next);
    if (last == p && is_capital(cp))
        return letter_ends(s, cp);
    switch (abbreviation(s->words, p, (size_t)(s->word - p))) {
    case ABBR_NEVER: return false;
    case ABBR_OPEN: return starter_follows(next, s->end);
    case ABBR_DEGREE: return !behind_stop(s->line, p);
    case ABBR_NUMBER:
        return !number_follows(s->next, s->end) &&
               !(s->word - p == 3 && memcmp(p, "deg", 3) == 0 &&
                 word_length(next, s->end) == 1);
    case ABBR_YEAR:
        return !number_follows(s->next, s->end) && !follows(eras, next, s->end) &&
               !follows(months, next, s->end);
    case ABBR_CLOSING: return is_capital(first);
    case ABBR_NONE: break;
    }
    if (last == p)
        return letter_ends(s, cp);
    if (dotted && last[-1] == '.') /* U.S. */
        return starter_follows(next, s->end);
    return true;
}

bool stop_ends(const struct stop *s)
{
    const char *p = s->word, *q = p;
    enum stop_sort sort;
    bool dotted = false;
    uint32_t cp;

    if (p == s->start)
        return true;
    cp = utf8_prev(s->start, &q);
    sort = stop_sort(s->start, p);
    if (s->first && (sort == STOP_NUMBER || sort == STOP_ITEM || sort == STOP_LETTER))
        return false;
    if (is_digit(p[-1])) {
        const char *next = behind_opening(s->next, s->end);

        if (sort != STOP_NUMBER)
            return true;
        return next < s->end && utf8_next(&cp, next) && is_capital(cp) && !is_ordinal(s);
    }
    if (!is_letter(cp))
        return true;
    while (p > s->start && s->word - p <= WORD_MAX && (cp == '.' || is_letter(cp))) {
        dotted |= cp == '.';
        p = q;
        cp = utf8_prev(s->start, &q);
    }
    return word_ends(s, p, dotted);
}

bool stop_is_name(const struct stop *s)
{
    const char *p = word_start(s->start, s->word);

    return s->word < s->end &&
           (*s->word == '!' || (s->end - s->word >= 3 && memcmp(s->word, "！", 3) == 0)) &&
           is_in(call_names, p, (size_t)(s->word - p)) &&
           !starter_follows(behind_opening(s->next, s->end), s->end);
}

bool stop_before_small(const struct stop *s)
{
    const char *p = s->word;
    uint32_t cp;

    if ((unsigned char)*s->next >= '{' && (unsigned char)*s->next < 0xC3)
        return false;
    utf8_next(&cp, s->next);
    return is_small(cp) && is_letter(utf8_prev(s->start, &p));
}

bool stop_before_capital(const struct stop *s)
{
    const char *next = behind_opening(s->next, s->end), *p = word_start(s->start, s->word);
    uint32_t first, cp = 0;

    if (next < s->end)
        utf8_next(&cp, next);
    return s->word - p > 1 && is_capital(cp) && utf8_next(&first, p) && is_letter(first);
}
