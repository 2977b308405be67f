/*
 * sentence.c: finds where the sentences of a line end.
 *
 * A line is read twice. The first pass pairs quotation marks and brackets. The second goes from
 * token to token and asks at each gap whether the sentence ends there. A token is the text
 * between two white spaces; a pair is never divided. It is a word and its tail: marks, faces,
 * closing quotes.
 */
#include "text/sentence.h"

#include <stdlib.h>
#include <string.h>

#include "text/document.h"
#include "text/sentence_quotes.h"
#include "text/sentence_stops.h"
#include "text/sentence_words.h"

struct token {
    const char *start, *end;
    const char *word; /* where its last word ends; NULL: it has no word */
    unsigned marks;
    enum ending ending;
    unsigned outside;    /* marks behind a bracket that is the whole token */
    bool tail;           /* it is only marks or a face, so it belongs to the token before it */
    bool whole;          /* it is one quotation or bracket, with marks */
    bool speaks;         /* it is whole, and the text inside could be a sentence */
    bool remark;         /* it is one bracket that may belong to the sentence before it */
    enum stop_sort sort; /* of the word before its full stop; else STOP_WORD */
    bool row; /* the token before it has the same sort, as in "2010. 1. 1." or "전. 부. 다." */
    size_t pair; /* the first pair that does not start before the token */
    size_t past; /* the first pair that starts behind the token */
};

enum {
    STYLE_UNKNOWN = 4 /* beside the bits of enum style */
};

struct splitter {
    struct ending_words *words;
    struct stop_words stops;
    struct sentence_quotes pairs;
    uint64_t max_quote;
    const char *text, *end; /* the line */
    const char *at;         /* the start of the text that is not yet handed out */
    struct token ahead;     /* the one at `at`; no start: it is not yet read */
    unsigned style;         /* of the line: enum style, or STYLE_UNKNOWN */
};

int splitter_new(struct splitter **out, uint64_t max_quote, struct errbuf *eb)
{
    struct splitter *s = calloc(1, sizeof *s);

    if (!s || ending_words_new(&s->words) != RF_OK) {
        free(s);
        return err_nomem(eb);
    }
    stop_words_init(&s->stops);
    s->max_quote = max_quote;
    *out = s;
    return RF_OK;
}

void splitter_free(struct splitter *s)
{
    if (!s)
        return;
    ending_words_free(s->words);
    sentence_quotes_free(&s->pairs);
    free(s);
}

int splitter_line(struct splitter *s, const char *text, size_t len, struct errbuf *eb)
{
    s->text = s->at = text;
    s->end = text + len;
    s->ahead = (struct token){0};
    s->style = STYLE_UNKNOWN;
    return sentence_quotes_find(&s->pairs, text, len, s->max_quote) == RF_OK ? RF_OK
                                                                             : err_nomem(eb);
}

/* --- characters */

/* Returns the length of the white space at p, 0 if there is none. */
static size_t space_at(const char *p, const char *end)
{
    uint32_t cp;
    size_t n;

    if (p == end)
        return 0;
    if ((unsigned char)*p < 0x80)
        return *p == ' ' || (*p >= '\t' && *p <= '\r');
    if (*p != '\xC2' && *p != '\xE1' && *p != '\xE2' && *p != '\xE3')
        return 0;
    n = utf8_next(&cp, p);
    return cp == 0x85 || cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) ||
                   cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000
               ? n
               : 0;
}

/* True if c is one of these ASCII signs. The NUL at the end of `signs` is not one of them. */
static bool is_among(char c, const char *signs)
{
    return c && strchr(signs, c);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* True for :-) ;) ^_^ T_T: a few ASCII signs with eyes and a mouth among them. */
static bool is_face(const char *p, const char *end)
{
    bool eyes = false, mouth = false, sign = false;

    if ((unsigned char)*p >= 0x80 || end - p < 2 || end - p > 5)
        return false;
    for (; p < end; p++) {
        if (!is_among(*p, ":;=^T-_()DPpoO3<>*|'\""))
            return false;
        eyes |= is_among(*p, ":;=^T>");
        mouth |= is_among(*p, "()DPpoO3^_<*|");
        sign |= !is_letter(*p);
    }
    return eyes && mouth && sign;
}

/* --- tokens */

/* True if a sentence could end with t, whatever follows. */
static bool is_complete(const struct token *t)
{
    return t->marks & (MARK_STOP | MARK_CALL) || t->ending >= ENDING_FINAL ||
           (t->ending >= ENDING_MAYBE && t->marks & (MARK_DOTS | MARK_FACE | MARK_LAUGH));
}

/* Let read_tail() go into the pair at the end of a token, if the text inside counts for the
 * sentence. A bracket behind a word does not count, nor does the name of a work: false. */
static bool enter(struct token *t, const struct quote_pair *pair)
{
    bool hangs = pair->start > t->start;

    if (pair->kind == PAIR_TITLE || (hangs && pair->kind == PAIR_BRACKET))
        return false;
    t->whole = !hangs;
    if (pair->kind != PAIR_BRACKET) {
        t->marks |= MARK_QUOTE;
    } else { /* the marks found so far stand behind the bracket */
        t->outside = t->marks;
        t->marks = 0;
    }
    return true;
}

/* Read the marks of a token from its end backwards, and find where its word ends. */
static void read_tail(const struct splitter *s, struct token *t)
{
    const char *p = t->end, *q, *floor = t->start;
    size_t k = t->past;
    bool dot = false;

    for (; p > floor; p = q) {
        uint32_t cp = utf8_prev(floor, (q = p, &q));
        unsigned mark = ending_words_mark(s->words, cp);

        if (k > t->pair && s->pairs.at[k - 1].end == p) {
            const struct quote_pair *pair = &s->pairs.at[--k];

            if (enter(t, pair))
                floor = pair->start + utf8_next(&cp, pair->start);
            else
                q = pair->start;
            continue;
        }
        if (!mark) {
            t->word = p;
            break;
        }
        if (mark == MARK_STOP && dot && cp == '.')
            mark = MARK_DOTS;
        dot = cp == '.';
        if (mark != MARK_COMMA || !(t->marks & ~(unsigned)(MARK_QUOTE | MARK_CLOSE)))
            t->marks |= mark;
    }
    if (t->marks & MARK_DOTS)
        t->marks &= ~(unsigned)MARK_STOP;
    t->marks &= ~(unsigned)MARK_CLOSE;
}

/* Find out what a token is, from its marks and its word. */
static void judge(const struct splitter *s, struct token *t)
{
    bool quote = (t->marks | t->outside) & MARK_QUOTE;

    if (is_face(t->start, t->end)) {
        t->marks = MARK_FACE;
        t->word = NULL;
    }
    if (t->word)
        t->ending = ending_words_ending(s->words, s->text, t->word);
    if (t->word && t->marks == MARK_STOP && t->end == t->word + 1)
        t->sort = stop_sort(t->start, t->word);
    t->tail = !t->word && !quote && t->marks && !(t->marks & MARK_COMMA);
    t->remark = t->whole && !quote && stop_is_number(t->start, t->end) == (*t->start == '[');
    t->speaks = t->whole && is_complete(t);
    t->marks |= t->outside;
}

/* True for a digit or a Latin letter, wide or not, as behind the stop of "３．１４". */
static bool is_alnum(uint32_t cp)
{
    if (cp >= 0xFF01 && cp <= 0xFF5E)
        cp -= 0xFF01 - '!';
    return cp < 0x80 && ((cp >= '0' && cp <= '9') || is_letter((char)cp));
}

/* True if a sentence may end at the marks p..q although no space follows them: at the marks of
 * Chinese and Japanese, which have no spaces, and between a final ending and Hangul. Between
 * words of Hangul ？ is more often what became of a middle dot (조사？연구), so it needs an
 * ending. */
static bool is_glued(const struct splitter *s, const char *p, const char *q, bool quoted)
{
    const char *mark = q, *last = p;
    uint32_t before = utf8_prev(p, &mark), word = utf8_prev(s->at, &last), cp;
    enum ending ending;

    utf8_next(&cp, q);
    if (before == 0x3002 || before == 0xFF61 || (before >= 0x3000 && !utf8_is_hangul(cp)))
        return !ending_words_mark(s->words, cp) && !(before == 0xFF0E && is_alnum(cp));
    if (before >= 0x3000 && word >= 0x3040 && !utf8_is_hangul(word))
        return true;
    if (!quoted && !utf8_is_hangul(cp))
        return false;
    ending = ending_words_ending(s->words, s->at, p);
    return ending >= ENDING_FINAL || (ending >= ENDING_MAYBE && word == 0xB2E4 /* 다 */);
}

/* Returns the end of the run of marks at p. */
static const char *skip_marks(const struct splitter *s, const char *p)
{
    uint32_t cp;
    size_t n;

    while (p < s->end && (n = utf8_next(&cp, p)) > 0 &&
           ending_words_mark(s->words, cp) & (MARK_STOP | MARK_CALL | MARK_DOTS))
        p += n;
    return p;
}

/* Returns the end of the token at t->start, and moves t->past behind the pairs in it. */
static const char *token_end(const struct splitter *s, struct token *t)
{
    const struct quote_pair *pairs = s->pairs.at;
    const char *p = t->start, *q;

    while (p < s->end) {
        uint32_t cp;

        if (*p >= '\xEA' && *p <= '\xED') { /* most characters are Hangul */
            p += 3;
            continue;
        }
        if (space_at(p, s->end))
            break;
        if (t->past < s->pairs.n && pairs[t->past].start == p) {
            p = pairs[t->past++].end;
            continue;
        }
        q = skip_marks(s, p);
        if (q == p) {
            p += utf8_next(&cp, p);
            continue;
        }
        if (q < s->end && !space_at(q, s->end) &&
            is_glued(s, p, q,
                     t->past < s->pairs.n && pairs[t->past].start == q &&
                         pairs[t->past].kind == PAIR_QUOTE))
            return q;
        p = q;
    }
    return p;
}

/* Read the token at or behind `from`. False if the line has no more. */
static bool next_token(const struct splitter *s, struct token *t, const char *from, size_t pair)
{
    size_t n;

    while ((n = space_at(from, s->end)) > 0)
        from += n;
    if (from == s->end)
        return false;
    *t = (struct token){.start = from, .pair = pair, .past = pair};
    t->end = token_end(s, t);
    read_tail(s, t);
    judge(s, t);
    return true;
}

/* --- does the sentence end? */

/* True if t goes on with a date, with a word written syllable by syllable or with letters. The
 * letter of a list item starts anew. */
static bool in_row(const struct token *left, const struct token *t)
{
    static const char kind[] = {
        [STOP_NUMBER] = 1, [STOP_ITEM] = 2, [STOP_SYLLABLE] = 2, [STOP_LETTER] = 3};

    return left->sort && t->sort && kind[left->sort] == kind[t->sort] &&
           (left->row || t->sort != STOP_ITEM || left->sort == STOP_ITEM);
}

/* Returns how the line is written, which is found out once. */
static unsigned style_of(struct splitter *s)
{
    if (s->style == STYLE_UNKNOWN)
        s->style = ending_words_style(s->words, s->text, s->end);
    return s->style;
}

/* True for "원빈: ", which begins what somebody says. */
static bool is_speaker(const struct splitter *s, const struct token *t)
{
    const char *p = t->start;
    uint32_t cp = 0;

    for (int n = 0; n < 8 && p < t->end && *p != ':'; n++) {
        p += utf8_next(&cp, p);
        if (!utf8_is_hangul(cp) && !(cp < 0x80 && is_letter((char)cp)))
            return false;
    }
    p += p == t->end ? space_at(p, s->end) : 0;
    return p > t->start && p < s->end && *p == ':';
}

/* True for -다, but not for -니다. */
static bool is_plain(const struct token *t)
{
    return t->word && t->word - t->start > 6 && memcmp(t->word - 3, "다", 3) == 0 &&
           memcmp(t->word - 6, "니", 3) != 0;
}

/* Returns the mark behind `left`, and what stands around it. */
static struct stop stop_of(const struct splitter *s, const struct token *left,
                           const struct token *t, bool first)
{
    return (struct stop){&s->stops,  s->at,    s->end, left->start,
                         left->word, t->start, first,  left->row};
}

/* True if a sentence ends behind the word of `left`, which no mark follows. */
static bool ends_bare(struct splitter *s, const struct token *left, const struct token *t)
{
    size_t n = (size_t)(s->end - t->start);

    switch (left->ending) {
    case ENDING_LOOSE:
    case ENDING_TALK:
        return !ending_words_goes_on(s->words, t->start, n, BEHIND_TALK) &&
               style_of(s) & STYLE_TALK;
    case ENDING_NOUN: return t->sort == STOP_ITEM || style_of(s) & STYLE_NOTES;
    case ENDING_FINAL:
    case ENDING_SAID:
        return !ending_words_asks(left->start, left->word) ||
               !ending_words_goes_on(s->words, t->start, n, BEHIND_ASK);
    case ENDING_NOTED: return true;
    default: return false;
    }
}

/* False if no sentence can end behind `left`, whatever follows: so it is with most words. */
static bool may_end(const struct token *left)
{
    return left->marks || left->ending == ENDING_LOOSE || left->ending > ENDING_MAYBE;
}

/* True if the sentence that has come as far as `left` ends before `t`. */
static bool ends(struct splitter *s, const struct token *left, const struct token *t,
                 bool first)
{
    unsigned m = left->marks,
             behind = m & MARK_CALL   ? BEHIND_CALL
                      : m & MARK_STOP ? BEHIND_STOP
                      : left->word && ending_words_is_polite(left->start, left->word)
                          ? BEHIND_POLITE
                          : BEHIND_BARE;
    struct stop stop;

    if (m & MARK_COMMA || (t->remark && !t->speaks))
        return false;
    stop = stop_of(s, left, t, first);
    if (m & MARK_QUOTE)
        behind |= BEHIND_QUOTE;
    if (!m && is_among(*t->start, ".,!?")) /* a mark that stands apart from its word */
        return false;
    if (ending_words_goes_on(s->words, t->start, (size_t)(s->end - t->start), behind))
        return false;
    if (left->word && stop_before_small(&stop))
        return false;
    if (left->speaks && m & MARK_QUOTE && ending_words_tells(s->words, t->start, s->end))
        return false;
    if (m & MARK_CALL)
        return !left->word || !stop_is_name(&stop);
    if (m & MARK_STOP)
        return !left->word || (!left->row && !in_row(left, t) && stop_ends(&stop));
    if (m && is_speaker(s, t))
        return true;
    if (m & MARK_LAUGH && left->word)
        return left->ending != ENDING_OPEN;
    if (m & MARK_DOTS && (m & MARK_QUOTE || t->speaks))
        return true;
    if (m & (MARK_DOTS | MARK_FACE))
        return left->ending >= ENDING_MAYBE ||
               (left->ending == ENDING_LOOSE && style_of(s) & STYLE_TALK) ||
               (left->word && stop_before_capital(&stop));
    if (m & MARK_QUOTE ||
        (is_plain(left) && is_plain(t) && t->ending != ENDING_MAYBE && !t->marks))
        return false; /* as in 커졌다 작아졌다 한다 */
    return ends_bare(s, left, t);
}

/* Let `t` follow the tokens in `left`. Marks, and a remark behind a complete sentence, join the
 * word before them. */
static void join(struct token *left, const struct token *t, bool first)
{
    bool row = in_row(left, t);

    if (first || !(t->tail || t->remark)) {
        *left = *t;
        left->row = row;
    } else if (t->tail) {
        left->marks |= t->marks;
    } else if (!is_complete(left) || t->outside & MARK_COMMA) {
        left->word = t->word;
        left->marks = t->outside;
        left->ending = ENDING_NONE;
    }
    left->end = t->end;
}

bool splitter_next(struct splitter *s, const char **sentence, size_t *len)
{
    struct token left, t = s->ahead;
    bool first = true, alone = true; /* alone: `left` is the first token */

    if (s->at == s->end)
        return false;
    *sentence = s->at;
    left = (struct token){.end = s->at};
    if (!t.start && !next_token(s, &t, s->at, 0))
        t = left;
    while (t.start) {
        if (!first && !t.tail && may_end(&left) && ends(s, &left, &t, alone)) {
            *len = (size_t)(left.end - s->at);
            s->at = t.start;
            s->ahead = t;
            return true;
        }
        join(&left, &t, first);
        alone = first || (alone && t.tail);
        first = false;
        if (!next_token(s, &t, left.end, t.past))
            break;
    }
    *len = (size_t)(s->end - s->at);
    s->at = s->end;
    return true;
}

/* --- a whole text */

/* Write the sentences of a line. The first of several made of an only line would be taken for a
 * title, unless an empty line says that it is none. */
static int split_line(struct splitter *s, struct text_out *out,
                      const struct document_line *line, uint64_t *sentences, struct errbuf *eb)
{
    bool mark = line->untitled;
    const char *sentence;
    size_t n;
    int rc = splitter_line(s, line->text, line->len, eb);

    while (rc == RF_OK && splitter_next(s, &sentence, &n)) {
        if (mark || (line->only && sentence == line->text && n < line->len))
            rc = text_out_untitled(out, eb);
        mark = false;
        ++*sentences;
        if (rc == RF_OK)
            rc = text_out_line(out, sentence, n, eb);
    }
    return rc;
}

int split_text(struct splitter *s, struct lines *in, struct text_out *out, bool titles,
               struct split_totals *totals, struct progress *progress, struct errbuf *eb)
{
    struct document_lines d = {.lines = in, .titles = titles};
    bool in_document = false;
    struct document_line line;
    int rc;

    *totals = (struct split_totals){0};
    while ((rc = document_lines_next(&d, &line, eb)) > 0) {
        totals->documents += line.kind != LINE_BLANK && !in_document;
        in_document = line.kind != LINE_BLANK;
        totals->titles += line.kind == LINE_TITLE;
        totals->lines += line.kind == LINE_TEXT;
        if (line.kind == LINE_TEXT)
            rc = split_line(s, out, &line, &totals->sentences, eb);
        else
            rc = text_out_line(out, line.text, line.kind == LINE_TITLE ? line.len : 0, eb);
        if (rc != RF_OK)
            break;
        progress_show(progress, lines_consumed(in), NULL);
    }
    document_lines_free(&d);
    return rc;
}
