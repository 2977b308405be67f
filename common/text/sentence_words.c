/*
 * sentence_words.c: Korean endings, words that go on with a sentence, marks.
 *
 * The endings are written as in Korean grammars: a syllable means itself, a consonant means any
 * syllable that closes with it (ㅆ다: 했다, 갔다, 있다), a vowel means any open syllable with
 * it (ㅓ요: 먹어요, 그래서요), ^ is the start of a word, _ is white space. They are tried
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
     "^가요|중가요|기가요|^개요|우간다|르완다|베란다|^혼다|어젠다|아젠다|파간다|^사이다|"
     "^라이다|^레이다|^다|바다|캐나다|^소다|^수다|^어여|동네|^그네|아버지|^먼지|편지|바지|"
     "돼지|^반지|휴지|나머지|누구나|더구나|^여지|미가요|^라요|^마요|메시지|페이지|이미지|"
     "오렌지|케냐|소냐|^타냐|바냐|몰래|빨래|^달래|진달래|두_갈래|세_갈래|몇_갈래|여러_갈래|"
     "^월래|^이야|^어라|수렴|후렴|청렴|상렴"},
    {ENDING_NONE,
     "책임|게임|모임|담임|취임|선임|후임|신임|부임|역임|해임|재임|퇴임|사임|연임|중임|"
     "위임|일임|전임|상임|겸임|적임|방임|불임|피임|타임|프레임|네임|라임|클레임|움직임|"
     "쓰임|높임|줄임|속임|덕임|붙임|이임|초임|운임|수임|^임"},
    {ENDING_NONE, "포함|명함|결함|관함|물함|편함|군함|수함|투함|전함"},
    {ENDING_OPEN,
     "^네|마다|보다|까지|ㄴ지|ㄹ지|은데|는데|ㄴ데|느냐|더니|적잖아|찮아|들께|조금_있다|"
     "좀_있다|^하다|^보이다|아보이다|어보이다|여보이다|해보이다|돋보이다|선보이다|벌이다|"
     "움직이다|끓이다|^들이다|받아들이다|러들이다|어들이다|"
     "공들이다|망설이다|기울이다|서성이다|먹이다|^모이다|쌓이다|놓이다|붙이다|죽이다|"
     "줄이다|높이다|속이다|쓰이다"},
    /* polite */
    {ENDING_FINAL, "ㅂ니다|ㅂ니까|ㅂ시다|ㅂ시오|십시요|십쇼|뵈요|봬요|ㅂ디다|ㅂ니당|니당"},
    {ENDING_FINAL,
     "ㅏ요|ㅐ요|ㅓ요|ㅔ요|ㅕ요|ㅖ요|ㅘ요|ㅙ요|ㅝ요|ㅞ요|되요|지요|죠|고요|구요|군요|든요|"
     "걸요|만요|쥬"},
    {ENDING_FINAL,
     "네용|세용|데용|예용|져용|워용|ㅔ욧|ㅓ욧|어염|해염|세염|네염|어여|네여|세여|해여|"
     "까여|데여|구여|져여"},
    {ENDING_OPEN, "니까"},
    {ENDING_MAYBE, "요|용|아유|어유|해유|지유|슈"},
    /* plain */
    {ENDING_MAYBE, "^갔다"},
    {ENDING_FINAL,
     "ㅆ다|ㅆ당|이다|아니다|없다|같다|많다|좋다|않다|싶다|렇다|옳다|럽다|롭다|답다|겁다|"
     "렵다|깝다|엽다|쉽다|프다|쁘다|다르다|빠르다|푸르다|게으르다|싫다|낫다|낮다|높다|"
     "넓다|좁다|깊다|짧다|작다|밝다|맑다|굵다|얇다|젊다|덥다|춥다|맵다|섭다|아쉽다|갑다|"
     "맙다|립다|둡다|뜨겁다|늦다|힘들다|드물다|서툴다|비싸다|귀찮다|괜찮다|적잖다|^크다|"
     "더_크다|듯하다|만하다|ㄴ_거다|ㄹ_거다|ㄴ거다|ㄹ거다|이야기다|때문이다|"
     "영화다|남자다|"
     "여자다|최고다|마찬가지다|이유다|화다|표다|제다|조다|교다|의다|체다|계다|례다|예다|"
     "규모다|제도다|정도다|재주다|후배다|선배다|확대다|프로다|ㄹ_때다|는_때다|"
     "거칠다|뛰어나다|엄청나다"},
    {ENDING_ADJECTIVE, "하다"},
    {ENDING_MAYBE, "판다|ㄴ당|이당"},
    {ENDING_OPEN, "혐의없음|혐의_없음"},
    {ENDING_FINAL,
     "ㄴ다|더라|더라고|더라구|드라고|드라구|구먼|는구만|ㅆ구만|렇구만|ㅆ제|ㅆ긋나|는구나|"
     "ㅆ구나|이구나|렇구나|하구나|많구나|없구나|있구나|좋구나|같구나|싶구나|프구나|쁘구나|"
     "르구나|ㅆ군|는군|렇군|좋군|있군|없군|같군|걸랑|ㄹ께|지_마|지는_마|지도_마|ㄴ기라|"
     "좋네|있네|없네|같네|많네|싶네|렇네|무엇인가|언제인가|어디인가|누구인가|"
     "ㄹ까|길_바래|길바래|길_바라|을게|할게|갈게|볼게|줄게|올게|될게|낼게"},
    /* what connects clauses in prose and ends a sentence in talk */
    {ENDING_OPEN,
     "위해|통해|대해|의해|인해|향해|비해|관해|더해|올해|이해|오해|새해|피해|동해|서해|"
     "남해|황해|지난해|다음해|손해|방해|침해|저해|견해|공해|폐해|재해|당해|정해|취해|다해|"
     "전해|처해|행해|속해|반해|하나|길래"},
    {ENDING_SAID, "야_돼|야돼|면_돼|면돼"},
    {ENDING_TALK, "야_해|야해"},
    {ENDING_TALK,
     "있어|없어|있지|없지|하지|되지|이지|거지|알지|같지|싶지|맞지|좋지|렇지|어쩌지|않지|"
     "아니지|야지|하자|^해|ㅆ나|있나|없나|않나"},
    {ENDING_LOOSE,
     "그래|이래|저래|바래|어때|가자|보자|먹자|살자|주자|하네|되네|이네|나네|오네|가네|"
     "보네|하니|되니|오니|가니|이니|거니"},
    /* what is said to somebody; these show that a line is talk */
    {ENDING_SAID,
     "ㅆ어|ㅆ지|ㅆ네|ㅆ냐|ㅆ니|잖아|거든|^거야|ㄴ거야|ㄹ거야|ㄹ_거야|ㄴ_거야|뭐야|누구야|"
     "어디야|언제야|얼마야|아니야|아냐|이야|^줘|ㅏ줘|ㅐ줘|ㅓ줘|ㅔ줘|ㅕ줘|ㅘ줘|ㅙ줘|ㅝ줘|"
     "ㅞ줘|ㅟ줘|ㅣ줘|하지마|가지마|오지마|먹지마|보지마|되지마|치지마|내지마|쓰지마|"
     "웃기지마|러지마|잊지마|울지마|믿지마|ㄹ래|하냐|되냐|있냐|없냐|거냐|않냐|이냐|많냐|"
     "좋냐|싶냐|같냐|오냐|가냐|르냐|러냐|뭐냐|아니냐|없니|않니|싶니|많니|좋니|같니|괜찮니|"
     "먹니|찾니|뭐니|언제니|어디니|누구니|얼마니|는지_아니|ㄴ지_아니|"
     "해라|봐라|줘라|찾아라|알아라|말아라|먹어라|있어라|들어라|믿어라|"
     "받아라|하거라|가거라|지_마라|지마라|어디지|언제지|누구지|뭐지|얼마지|몇시지|어떠니|"
     "어떡하니|어쩌니|끝나니|몇시니|ㅏ주라|ㅓ주라|ㅕ주라|소리야|최고야|바보야|지뭐|보여라|"
     "줄여라|"
     "틀어라|꺼라|켜라|열어라|닫아라|말자|으렴|하렴|주렴|"
     "보렴"},
    {ENDING_OPEN,
     "누군가|언젠가|뭔가|어딘가|누구네|니네|머니네|엄마네|아테네|^지|^냐|^구나|든지|여러가지|"
     "^가지|마찬가지|무지"},
    {ENDING_TALK, "ㄹ걸|는걸|은걸|버려|봐|구나|구만|네|냐|지"},
    {ENDING_LOOSE,
     "보내|만나|돼|해|어|아|워|려|져|켜|쳐|혀|겨|껴|셔|펴|떠|춰|꿔|꺼|^써|ㄴ가|놀자|"
     "만나자|쉬자|버리자|되자|"
     "지내자|내자|듣자|찾자|마시자|나가자|시키자|ㅆ대|는대|한대|간대|온대|된대|"
     "준대|본대|ㄹ_뻔"},
    {ENDING_MAYBE, "긋나|겠나|다|군|까|야|줘|어라|듯|다는"},
    /* endings of notes */
    {ENDING_NOTED, "ㅆ음|것_같음|거_같음|것임|거임|문임|도임|고_함|야_함|야함|게_함|됨|길_바람|"
                   "기를_바람|길바람|힘듦|없음|있음|않음|같음|싶음|많음|좋음|싫음|아님|모름"},
    {ENDING_NOUN,
     "맞음|먹음|받음|앉음|찾음|넣음|놓음|남음|밝음|적음|작음|높음|낮음|깊음|넓음|좁음|"
     "짧음|늦음|빠름|느림|다름|임|함|ㅐ줌|ㅓ줌|ㅏ줌|ㅕ줌|ㅐ짐|ㅓ짐|ㅏ짐|ㅕ짐|ㅝ짐|ㅘ짐|"
     "는듯|은듯|ㄴ듯|ㄹ듯|는_듯|ㄴ_듯|ㄹ_듯"},
    /* connectives and particles */
    {ENDING_OPEN, "고|며|서|면|니|게|만|은|는|이|가|을|를|에|도|의|로|과|와|랑|데|해"},
};

/* What stands before -하다 in adjectives. Verbs (일하다) may connect clauses: 일하다 다쳤다. */
static const char adjectives[] =
    "^강|^급|^뻔|^심|^약|^착|^추|^편|^환|^흔|가난|가능|가득|각별|간단|간절|거대|건강|격렬|겸손|"
    "경쾌|고유|곤란|공정|공평|과감|과도|광범위|굉장|궁금|긴급|긴밀|깔끔|깨끗|꼼꼼|끔찍|난감|"
    "난해|냉정|넉넉|능숙|다양|다행|단순|달콤|담백|답답|당당|당연|대단|독실|독특|동일|두툼|든든|"
    "따뜻|똑똑|뚜렷|막강|막막|막연|매콤|멀쩡|명랑|명료|명백|명확|모호|무관|무난|무모|무성|무수|"
    "무심|무한|묵직|미묘|미미|미안|미흡|민감|밋밋|바람직|방대|복잡|부당|부실|부적절|부족|분명|"
    "불가능|불가피|불과|불리|불명확|불쌍|불안|불편|불필요|불행|불확실|비겁|비슷|비참|빈번|빠듯|"
    "빽빽|뿌듯|사소|상냥|상당|상세|상이|새콤|생생|생소|선명|섬세|섭섭|성급|성실|소박|소소|소중|"
    "소홀|솔직|수월|순수|시급|시원|식상|신기|신비|신선|신속|신중|심각|심심|심오|쌀쌀|썰렁|쓸쓸|"
    "씁쓸|아늑|아담|안락|안전|알뜰|애매|애절|어색|어수선|억울|엄격|엄중|여전|연약|열악|영리|"
    "예민|오글오글|온전|온화|완만|완벽|왕성|요란|요원|용감|우세|우수|우울|원만|원활|위대|위험|"
    "유능|유력|유리|유명|유사|유연|유익|유일|유치|유쾌|은은|의아|이상|익숙|일정|자명|자상|잔인|"
    "잔잔|장엄|저렴|저조|적나라|적당|적절|적합|절박|절실|정교|정당|정중|정직|정확|조급|조악|"
    "조용|조촐|중대|중요|즐비|지독|지루|지저분|진부|진솔|진지|짜릿|짭짤|쫄깃|찜찜|찝찝|차분|"
    "참신|처참|천박|철저|청결|초라|초조|촉촉|추악|충분|취약|치열|친근|친절|침착|캄캄|쾌적|타당|"
    "탁월|탄탄|통쾌|투명|특별|특수|특이|튼튼|팽팽|편리|편안|평등|평범|평온|푸짐|풍부|필요|한가|"
    "한심|한적|합당|행복|허전|험난|협소|화려|화목|화사|확고|확실|활발|황당|황량|황홀|훌륭|흐릿|"
    "흐뭇|희귀|희미|희박";

static const struct {
    unsigned behind;
    const char *forms; /* prefixes of the next word; $ is the end of the word */
} go_on_rows[] = {
    {BEHIND_STOP | BEHIND_CALL | BEHIND_QUOTE | BEHIND_BARE | BEHIND_POLITE,
     "라고|라는|라며|라면서|라든|라던|라기|라니|라지$|라지만|라지요|란$|이라고|이라는|이라며|"
     "이라면|이라니|"
     "이라기|"
     "는$|은$|고$|며$|면서$"},
    {BEHIND_CALL | BEHIND_QUOTE | BEHIND_BARE | BEHIND_POLITE,
     "하고|하며|하면|하는|하니|하더|하드라|하드니|하자$|하자마|하자고|하자는|하자면|하길$|"
     "하길래|"
     "하곤|하던|하였|하여|했|한다|싶|인가|인지|인데"},
    {BEHIND_BARE | BEHIND_POLITE, "등$|등은|등이|등을|등의|등에|등으로|등도|뭐$|뭐라"},
    {BEHIND_BARE,
     "보니|보면|보다|봐|하겠|해도|해서|할$|할까|할지|할만|한들|쳐$|쳐도|치고|치더|치면|못해|"
     "말고|말다|말로$|생각|"
     "때문|뿐|만$|든가|든지|는데|하지$|하지는|하지도|하지않|좋겠|이란|왔|않|아니하|"
     "아니한|아니할|못하|없이|뭐$|뭐야|"
     "주장|판단|규정|말하|말했|밝혔|느끼|느꼈|여겼|믿"},
    {BEHIND_ASK,
     "보|봐|봤|본|볼|말까|마냐|고민|걱정|궁금|두려|무서|염려|의문|의심|망설|확인|살펴|찾|"
     "모르|모른|몰|물어|묻|물었|조마|조바|기대|노심|불안|우려|합|해서|하는|하다|없|있|많"},
    {BEHIND_TALK,
     "보|봐|봤|본|볼|줘|줄|줬|준$|주는|주세|주고|주면|주자|주기|주었|주지|주니|주어|주다|주시|"
     "버리|버려|버렸|버린|버릴|있|없|놓|놨|놔|두고|두었|뒀|둔$|둬|두자|두는|가고|"
     "가는|가며|가서|가지고|가자|간다|갔|갈$|가야|가니|가면|가기|가면서|갖고|오고|오는|와서|왔|"
     "온다|"
     "온$|오다|오면|와$|와요|오기|올라|내고|내는|냈|낸|낼|내야|내자|내기|내려|내다|지고|"
     "지는|졌|진다|진$|질|지지|져|드리|드렸|드릴|나갔|나가|나왔|나온|나오|나와|들어|들고|들었|"
     "들은|"
     "다니|다녔|다닌|먹|마시|하|한$|할|했|해|서|야|도$|못|않|안$|마|말|보이|보인|보였|요$|"
     "대$|대고|대는|댔|쌓|앉|살|죽|죽겠|싶|좋|많|된|될|되|됐|돼|뜨|넘|넣|쓰|사|팔|치|만들|받|"
     "찾|달라|달래|잡|모|만$|가득"},
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

enum { FORM_MAX = 8, SYLLABLES = 0xD7A4 - 0xAC00, PAIRS = 4096 };

/* A form, compiled: its characters in the order in which they are compared. */
struct form {
    uint16_t cp[FORM_MAX];
    uint8_t n, what; /* an enum ending, or behind-bits */
    /* or $: the word starts or ends here */
    bool edge;
    uint16_t next; /* the next form of the same chain, + 1; 0: none */
};

/* Forms that are found by the syllable that is compared first, and if the second character is a
 * syllable too, by both: a chain of forms for each, from the first one, + 1. */
struct form_list {
    uint16_t one[SYLLABLES];
    uint16_t two[PAIRS];
};

struct ending_words {
    struct form *forms;
    size_t n, cap;
    struct form_list ending,
        adjective;          /* compared backwards; adjective: what is before -하다 */
    struct form_list go_on; /* compared forwards; only in chains of one */
    uint8_t mark[0x10000];
};

static uint32_t pair_of(uint32_t first, uint32_t second)
{
    return (first * 31 + second) % PAIRS;
}

static int add_form(struct ending_words *w, struct form_list *list, const char *s, size_t len,
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
            f.cp[f.n++] = (uint16_t)(cp == '_' ? ' ' : cp);
        s += step;
        len -= step;
    }
    for (size_t i = 0; backward && i < f.n / 2u; i++) {
        uint16_t t = f.cp[i];

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
    link = backward && f.n > 1 && utf8_is_hangul(f.cp[1])
               ? &list->two[pair_of(f.cp[0], f.cp[1])]
               : &list->one[f.cp[0] - 0xAC00];
    while (*link)
        link = &w->forms[*link - 1].next;
    *link = (uint16_t)w->n;
    return RF_OK;
}

/* Add forms to one of the lists of `w`. `backward` compares a form from its end. */
static int add_forms(struct ending_words *w, struct form_list *list, const char *forms,
                     unsigned what, bool backward)
{
    for (const char *s = forms; *s;) {
        size_t len = strcspn(s, "|");

        if (add_form(w, list, s, len, what, backward) != RF_OK)
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
        rc = add_forms(w, &w->ending, ending_rows[i].forms, ending_rows[i].is, true);
    if (rc == RF_OK)
        rc = add_forms(w, &w->adjective, adjectives, ENDING_FINAL, true);
    for (size_t i = 0; rc == RF_OK && i < sizeof go_on_rows / sizeof *go_on_rows; i++)
        rc = add_forms(w, &w->go_on, go_on_rows[i].forms, go_on_rows[i].behind, false);
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
    if (pattern >= 0xAC00)
        return false;
    if (pattern == ' ')
        return cp == '\t' || cp == 0xA0 || cp == 0x3000;
    if (!utf8_is_hangul(cp))
        return false;
    if (pattern < 0x314F)
        return finals[of % 28] == pattern;
    return of % 28 == 0 && of / 28 % 21 == pattern - 0x314F;
}

/* utf8_prev(), quick for syllables, which most characters are. */
static inline uint32_t prev(const char *start, const char **end)
{
    const unsigned char *p = (const unsigned char *)*end;

    if (*end - start < 3 || p[-3] < 0xEA || p[-3] > 0xED)
        return utf8_prev(start, end);
    *end -= 3;
    return (p[-3] & 0xFu) << 12 | (p[-2] & 0x3Fu) << 6 | (p[-1] & 0x3Fu);
}

/* The last two characters of a text and where they begin. */
struct tail {
    const char *start, *at_last, *at_second;
    uint32_t last, second;
};

/* Returns the first form of a chain that fits the tail, + 1; 0 if none does. */
static unsigned find_in(const struct ending_words *w, unsigned at, const struct tail *t)
{
    for (; at; at = w->forms[at - 1].next) {
        const struct form *f = &w->forms[at - 1];
        const char *p = f->n > 1 ? t->at_second : t->at_last;
        size_t i = 2;

        if (f->cp[0] != t->last || (f->n > 1 && !fits(f->cp[1], t->second)))
            continue;
        while (i < f->n && fits(f->cp[i], prev(t->start, &p)))
            i++;
        if (i >= f->n && !(f->edge && utf8_is_hangul(prev(t->start, &p))))
            return at;
    }
    return 0;
}

/* Returns what the first form of a list says that fits the text before `end`. */
static enum ending find_form(const struct ending_words *w, const struct form_list *list,
                             const char *start, const char *end)
{
    struct tail t = {.start = start};
    unsigned one, two;

    t.last = prev(start, &end);
    if (!utf8_is_hangul(t.last))
        return ENDING_NONE;
    t.at_last = end;
    t.second = prev(start, &end);
    t.at_second = end;
    one = find_in(w, list->one[t.last - 0xAC00], &t);
    two = utf8_is_hangul(t.second) ? find_in(w, list->two[pair_of(t.last, t.second)], &t) : 0;
    if (!one || (two && two < one)) /* forms are in the order of the rows */
        one = two;
    return one ? (enum ending)w->forms[one - 1].what : ENDING_NONE;
}

enum ending ending_words_ending(const struct ending_words *w, const char *start,
                                const char *end)
{
    enum ending is = find_form(w, &w->ending, start, end);

    if (is != ENDING_ADJECTIVE)
        return is;
    utf8_prev(start, &end);
    utf8_prev(start, &end);
    is = find_form(w, &w->adjective, start, end);
    return is == ENDING_NONE ? ENDING_MAYBE : is;
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
    for (unsigned at = w->go_on.one[cp - 0xAC00]; at; at = w->forms[at - 1].next) {
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

bool ending_words_is_polite(const char *start, const char *end)
{
    uint32_t cp;

    if (end - start < 6)
        return false;
    cp = utf8_prev(start, &end);
    if (cp == 0xC694 || cp == 0xC8E0 || cp == 0xC624) /* 요 죠 오 */
        return true;
    if (cp != 0xB2E4) /* 다 */
        return false;
    utf8_prev(start, &end);
    cp = utf8_prev(start, &end);
    return utf8_is_hangul(cp) && (cp - 0xAC00) % 28 == 17; /* it closes in ㅂ */
}

bool ending_words_asks(const char *start, const char *end)
{
    static const char syllables[] = "까나냐게";

    for (size_t i = 0; i < sizeof syllables - 1; i += 3)
        if (end - start > 3 && memcmp(end - 3, syllables + i, 3) == 0)
            return true;
    return false;
}

unsigned ending_words_style(const struct ending_words *w, const char *text, const char *end)
{
    size_t said = 0, prose = 0;
    unsigned style = 0;

    for (const char *p = text, *space; p < end; p = space + 1) {
        const char *word;
        enum ending ending;

        space = memchr(p, ' ', (size_t)(end - p));
        word = space = space ? space : end;
        while (word > p && word[-1] == '.')
            word--;
        ending = ending_words_ending(w, text, word);
        prose += ending == ENDING_FINAL;
        if (word < space)
            continue;
        said += ending == ENDING_SAID;
        if (ending == ENDING_NOTED || (ending == ENDING_NOUN && space == end))
            style = STYLE_NOTES;
    }
    return said && 2 * said >= prose ? style | STYLE_TALK : style;
}

/* True if white space stands at p, and its length is *n. */
static bool space_stands(const char *p, size_t *n)
{
    uint32_t cp;

    *n = utf8_next(&cp, p);
    return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0xA0 || cp == 0x3000;
}

/* True if the word is a verb of saying that ends its sentence, as 물었다 does. */
static bool says(const struct ending_words *w, const char *start, const char *end)
{
    for (const char *f = sayings; *f;) {
        size_t len = strcspn(f, "|");

        if (len <= (size_t)(end - start) && memcmp(f, start, len) == 0)
            return ending_words_ending(w, start, end) >= ENDING_MAYBE;
        f += len + (f[len] == '|');
    }
    return false;
}

/* True if the word is the object of a verb, or tells indirectly what was said (간다고). */
static bool is_object(const char *start, const char *end)
{
    static const char *const forms[] = {"을", "를", "다고", "라고", "냐고", "자고"};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t len = strlen(forms[i]);

        if (len < (size_t)(end - start) && memcmp(end - len, forms[i], len) == 0)
            return true;
    }
    return false;
}

bool ending_words_tells(const struct ending_words *w, const char *p, const char *end)
{
    enum { WORDS = 8 };
    bool object = false; /* the word before is one, or says what was said */

    for (int i = 0; i < WORDS; i++) {
        const char *start, *word;
        size_t n;

        while (p < end && space_stands(p, &n))
            p += n;
        for (start = word = p; p < end && !space_stands(p, &n); word = p) {
            uint32_t cp;

            n = utf8_next(&cp, p);
            if (ending_words_mark(w, cp) & ~(unsigned)MARK_COMMA)
                break;
            p += n;
        }
        if (word == start)
            return false;
        if (says(w, start, word))
            return !object;
        if (word < end && !space_stands(word, &n))
            return false;
        object = is_object(start, word);
    }
    return false;
}
