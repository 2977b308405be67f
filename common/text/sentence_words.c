/*
 * sentence_words.c: Korean endings, words that go on with a sentence, marks.
 *
 * The endings are written as in Korean grammars: a syllable means itself, a consonant means any
 * syllable that closes with it (ㅆ다: 했다, 갔다, 있다), a vowel means any open syllable with
 * it (ㅓ요: 먹어요, 그래서요), ^ is the start of a word, a space is white space. They are tried
 * from the top and the first that fits decides, so exceptions stand above the rule.
 */
#include "text/sentence_words.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    enum ending is;
    const char *forms;
} ending_rows[] = {
    /* nouns and adverbs that look like endings */
    {ENDING_NONE,
     "^가요|중가요|기가요|^개요|우간다|르완다|베란다|^혼다|어젠다|아젠다|파간다|"
     "사이다|라이다|레이다|^다|바다|캐나다|^소다|^수다|^어여|동네|^그네|아버지|^먼지|편지|바지|"
     "돼지|^반지|휴지|나머지|누구나|더구나|^여지|미가요|^라요|^마요|메시지|페이지|이미지|"
     "오렌지"},
    {ENDING_NONE,
     "책임|게임|모임|담임|취임|선임|후임|신임|부임|역임|해임|재임|퇴임|사임|연임|"
     "중임|위임|일임|전임|상임|겸임|적임|방임|불임|피임|타임|프레임|네임|라임|클레임|"
     "움직임|쓰임|높임|줄임|속임|덕임|붙임|이임|초임|운임|수임|^임"},
    {ENDING_NONE, "포함|명함|결함|관함|물함|편함|군함|수함|투함|전함"},
    {ENDING_OPEN,
     "^네|마다|보다|까지|ㄴ지|ㄹ지|은데|는데|ㄴ데|느냐|더니|적잖아|찮아|들께|조금 있다|좀 "
     "있다|갔다|^하다|보이다|"
     "벌이다|움직이다|끓이다|들이다|망설이다|기울이다|서성이다|먹이다|모이다|쌓이다|놓이다|"
     "붙이다|죽이다|줄이다|높이다|속이다|쓰이다"},
    /* polite */
    {ENDING_FINAL, "ㅂ니다|ㅂ니까|ㅂ시다|ㅂ시오|ㅂ디다|ㅂ니당|니당"},
    {ENDING_FINAL, "ㅏ요|ㅐ요|ㅓ요|ㅔ요|ㅕ요|ㅖ요|ㅘ요|ㅙ요|ㅝ요|ㅞ요|되요|지요|죠|고요|구요|"
                   "군요|든요|걸요|만요|쥬"},
    {ENDING_FINAL, "네용|세용|데용|예용|져용|워용|ㅔ욧|ㅓ욧|어염|해염|세염|네염|어여|"
                   "네여|세여|해여|까여|데여|구여|져여"},
    {ENDING_OPEN, "니까"},
    {ENDING_MAYBE, "요|용|아유|어유|해유|지유|슈"},
    /* plain */
    {ENDING_FINAL,
     "ㅆ다|ㅆ당|이다|아니다|없다|같다|많다|좋다|않다|싶다|렇다|옳다|럽다|롭다|답다|"
     "겁다|렵다|깝다|엽다|쉽다|프다|쁘다"},
    {ENDING_MAYBE, "판다|ㄴ당|이당"},
    {ENDING_FINAL, "ㄴ다|더라|더라고|더라구|드라고|드라구|는구나|ㅆ구나|이구나|렇구나|"
                   "구먼|는구만|ㅆ구만|렇구만|ㅆ군|는군|ㅆ네|ㅆ제|"
                   "ㅆ냐|ㅆ긋나|잖아|거든|걸랑|ㄹ께|^거야|ㄴ거야|지 마|지는 마|지도 마|ㄴ기라"},
    {ENDING_MAYBE, "있어|없어|있지|없지"},
    {ENDING_FINAL, "ㅆ어|ㅆ지"},
    {ENDING_MAYBE,
     "구나|구만|긋나|겠나|ㅆ나|ㅆ니|다|군|네|지|냐|까|ㄴ가|ㄹ걸|는걸|ㄹ게|ㄹ래|거야|이야|"
     "줘|봐|버려|해라|어라|거라|하자|듯|^해|다는"},
    /* endings of notes */
    {ENDING_NOTED, "ㅆ음|것 같음|거 같음|것임|거임|문임|도임|고 함|야 함|야함|"
                   "게 함|됨|길 바람|기를 바람|길바람|힘듦"},
    {ENDING_NOUN, "없음|않음|같음|싶음|좋음|많음|맞음|먹음|받음|앉음|찾음|넣음|놓음|남음|임|함|"
                  "ㅐ줌|ㅓ줌|ㅏ줌|ㅕ줌|ㅐ짐|ㅓ짐|ㅏ짐|ㅕ짐|ㅝ짐|ㅘ짐"},
    /* connectives and particles */
    {ENDING_OPEN, "고|며|서|면|니|게|만|은|는|이|가|을|를|에|도|의|로|과|와|랑|데|해"},
};

static const struct {
    unsigned behind;
    const char *forms; /* prefixes of the next word; $ is the end of the word */
} go_on_rows[] = {
    {BEHIND_STOP | BEHIND_CALL | BEHIND_QUOTE | BEHIND_BARE,
     "라고|라는|라며|라면서|라든|라던|라기|라니|라지|란$|이라고|이라는|이라며|이라면|이라니|"
     "이라기|"
     "는$|은$|고$|며$|면서$"},
    {BEHIND_CALL | BEHIND_QUOTE | BEHIND_BARE, "하고|하며|하면|하는|하니|하더|하드|하자|하길|"
                                               "하곤|하던|하였|하여|했|한다|싶|인가|인지|인데"},
    {BEHIND_BARE,
     "보니|보면|보다|봐|하겠|해도|해서|할|한들|쳐|치고|치더|치면|못해|말고|말다|생각|"
     "때문|뿐|만$|든가|든지|는데|하지$|하지는|하지도|하지않|좋겠|이란|왔|않|아니하|아니한|"
     "아니할|못하|없이|뭐|등$|등은|등이|등을|등의|등에|등으로|등도|"
     "주장|판단|규정|말하|말했|밝혔|느끼|느꼈|여겼|믿"},
};

/* How verbs of saying begin. */
static const char sayings[] =
    "물었|묻는|물어보|물어봤|되물|반문|말했|말하|말한|말씀|외쳤|외친|소리쳤|소리친|소리질렀|"
    "대답|"
    "답했|답한|대꾸|중얼|속삭|투덜|덧붙|되뇌|타일렀|꾸짖|재촉했|인사했|사과했|부탁했|애원했|"
    "명령했|설명했|반박했|고백했|탄식했";

static const struct {
    enum end_mark is;
    const char *signs;
} mark_rows[] = {
    {MARK_STOP, ".۔।॥。．｡"},
    {MARK_CALL, "!?؟‼⁇⁈⁉！？"},
    {MARK_DOTS, "‥…⋯"},
    {MARK_LAUGH, "ㅋㅎㅇㅜㅠㅡ"},
    {MARK_FACE, "~∼〜～^★☆☺♡♥♪♬✨❤\u200D\uFE0F"}, /* the last two join and colour emoji */
    {MARK_COMMA, ",:;/·،、，："},
    {MARK_CLOSE, ")]}>\"'`’”»〉》」』】〕）］＞"},
};

enum { FORM_MAX = 8, SYLLABLES = 0xD7A4 - 0xAC00 };

/* A form, compiled: its characters in the order in which they are compared. */
struct form {
    uint32_t cp[FORM_MAX];
    uint8_t n, what; /* an enum ending, or behind-bits */
    /* or $: the word starts or ends here */
    bool edge;
    uint16_t next; /* the next form with the same first syllable, + 1; 0: none */
};

struct ending_words {
    struct form *forms;
    size_t n, cap;
    uint16_t ending[SYLLABLES]; /* the first form that ends in this syllable, + 1 */
    uint16_t go_on[SYLLABLES];
    uint8_t mark[0x10000];
};

static int add_form(struct ending_words *w, uint16_t *heads, const char *s, size_t len,
                    unsigned what, bool backward)
{
    struct form f = {.what = (uint8_t)what};
    uint16_t *link;

    while (len) {
        uint32_t cp;
        size_t step = utf8_next(&cp, s);

        if (cp == '^' || cp == '$')
            f.edge = true;
        else
            f.cp[f.n++] = cp;
        s += step;
        len -= step;
    }
    for (size_t i = 0; backward && i < f.n / 2u; i++) {
        uint32_t t = f.cp[i];

        f.cp[i] = f.cp[f.n - 1 - i];
        f.cp[f.n - 1 - i] = t;
    }
    if (w->n == w->cap) {
        size_t cap = w->cap ? 2 * w->cap : 512;
        struct form *forms = realloc(w->forms, cap * sizeof *forms);

        if (!forms)
            return RF_ENOMEM;
        w->forms = forms;
        w->cap = cap;
    }
    w->forms[w->n++] = f;
    for (link = &heads[f.cp[0] - 0xAC00]; *link; link = &w->forms[*link - 1].next)
        ;
    *link = (uint16_t)w->n;
    return RF_OK;
}

/* Add forms to one of the lists of `w`. `backward` compares a form from its end. */
static int add_forms(struct ending_words *w, uint16_t *heads, const char *forms, unsigned what,
                     bool backward)
{
    for (const char *s = forms; *s;) {
        size_t len = strcspn(s, "|");

        if (add_form(w, heads, s, len, what, backward) != RF_OK)
            return RF_ENOMEM;
        s += len + (s[len] == '|');
    }
    return RF_OK;
}

static void add_marks(struct ending_words *w)
{
    for (uint32_t cp = 0x3131; cp <= 0x3163; cp++) /* letters of Hangul that stand alone */
        w->mark[cp] = MARK_FACE;
    for (size_t i = 0; i < sizeof mark_rows / sizeof *mark_rows; i++)
        for (const char *s = mark_rows[i].signs; *s;) {
            uint32_t cp;

            s += utf8_next(&cp, s);
            w->mark[cp] = (uint8_t)mark_rows[i].is;
        }
}

int ending_words_new(struct ending_words **out)
{
    struct ending_words *w = calloc(1, sizeof *w);
    int rc = w ? RF_OK : RF_ENOMEM;

    for (size_t i = 0; rc == RF_OK && i < sizeof ending_rows / sizeof *ending_rows; i++)
        rc = add_forms(w, w->ending, ending_rows[i].forms, ending_rows[i].is, true);
    for (size_t i = 0; rc == RF_OK && i < sizeof go_on_rows / sizeof *go_on_rows; i++)
        rc = add_forms(w, w->go_on, go_on_rows[i].forms, go_on_rows[i].behind, false);
    if (rc != RF_OK) {
        ending_words_free(w);
        return rc;
    }
    add_marks(w);
    *out = w;
    return RF_OK;
}

unsigned ending_words_mark(const struct ending_words *w, uint32_t cp)
{
    if (cp < 0x10000)
        return w->mark[cp];
    return cp >= 0x1F300 && cp <= 0x1FAFF ? MARK_FACE : 0;
}

void ending_words_free(struct ending_words *w)
{
    if (!w)
        return;
    free(w->forms);
    free(w);
}

/* True if the character fits the pattern. The compatibility jamo of a syllable's vowel and
 * final consonant come from Unicode's arithmetic. */
static bool fits(uint32_t pattern, uint32_t cp)
{
    static const uint16_t finals[28] = {0,      0x3131, 0x3132, 0x3133, 0x3134, 0x3135, 0x3136,
                                        0x3137, 0x3139, 0x313A, 0x313B, 0x313C, 0x313D, 0x313E,
                                        0x313F, 0x3140, 0x3141, 0x3142, 0x3144, 0x3145, 0x3146,
                                        0x3147, 0x3148, 0x314A, 0x314B, 0x314C, 0x314D, 0x314E};
    uint32_t of = cp - 0xAC00;

    if (pattern == cp)
        return true;
    if (pattern == ' ')
        return cp == '\t' || cp == 0xA0 || cp == 0x3000;
    if (!utf8_is_hangul(cp) || pattern < 0x3131 || pattern > 0x3163)
        return false;
    if (pattern < 0x314F)
        return finals[of % 28] == pattern;
    return of % 28 == 0 && of / 28 % 21 == pattern - 0x314F;
}

enum ending ending_words_ending(const struct ending_words *w, const char *start,
                                const char *end)
{
    const char *p = end;
    uint32_t last = utf8_prev(start, &p);

    if (!utf8_is_hangul(last))
        return ENDING_NONE;
    for (unsigned at = w->ending[last - 0xAC00]; at; at = w->forms[at - 1].next) {
        const struct form *f = &w->forms[at - 1];
        const char *q = p;
        size_t i = 1;

        while (i < f->n && fits(f->cp[i], utf8_prev(start, &q)))
            i++;
        if (i == f->n && !(f->edge && utf8_is_hangul(utf8_prev(start, &q))))
            return (enum ending)f->what;
    }
    return ENDING_NONE;
}

bool ending_words_goes_on(const struct ending_words *w, const char *s, size_t n,
                          unsigned behind)
{
    const char *end = s + n;
    uint32_t cp;

    if (!n)
        return false;
    s += utf8_next(&cp, s);
    if (!utf8_is_hangul(cp))
        return false;
    for (unsigned at = w->go_on[cp - 0xAC00]; at; at = w->forms[at - 1].next) {
        const struct form *f = &w->forms[at - 1];
        const char *q = s;
        size_t i = 1;

        for (; i < f->n && q < end; i++) {
            size_t step = utf8_next(&cp, q);

            if (cp != f->cp[i])
                break;
            q += step;
        }
        if (i < f->n || !(f->what & behind))
            continue;
        if (f->edge && q < end) {
            utf8_next(&cp, q);
            if (utf8_is_hangul(cp))
                continue;
        }
        return true;
    }
    return false;
}

bool ending_words_says(const struct ending_words *w, const char *start, const char *end)
{
    for (const char *f = sayings; *f;) {
        size_t len = strcspn(f, "|");

        if (len <= (size_t)(end - start) && memcmp(f, start, len) == 0)
            return ending_words_ending(w, start, end) >= ENDING_MAYBE;
        f += len + (f[len] == '|');
    }
    return false;
}

bool ending_words_is_object(const char *start, const char *end)
{
    static const char *const forms[] = {"을", "를", "다고", "라고", "냐고", "자고"};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t len = strlen(forms[i]);

        if (len < (size_t)(end - start) && memcmp(end - len, forms[i], len) == 0)
            return true;
    }
    return false;
}
