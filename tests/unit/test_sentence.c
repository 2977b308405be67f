/* test_sentence: where sentences end, and what splitting must never do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "text/sentence.h"

/* Each case is its sentences, parted by |, which stands where a space was; by || where none
 * was.
 */
static const char *const cases[] = {
    /* numbers, dates, lists */
    "가격은 1,250.75원으로 3.2% 올랐다.|거래량은 줄었다.",
    "4.19 혁명과 3.1 운동을 배웠다.|다음 시간은 6.25 전쟁이다.",
    "2010. 01. 01. 그는 태어났다.|'21. 6. 29. 이전의 일이다.",
    "1. 물을 끓인다.|2. 면을 넣는다.|3. 3분 기다린다.",
    "가. 물을 끓인다.|나. 면을 넣음.|다. 먹도록 함(제2조).|라. 쉰다.",
    "따뜻한 것을 봄.|바. 둘러보게 함(제3조)|사. 돌아온다.",
    ("제3조(정의) 이 법에서 쓰는 말의 뜻은 다음과 같다.|1. \"마을\"이란 사람이 모여 사는 "
     "곳이다."),
    "저희는 전. 부. 다. 드립니다.|걱정 마세요.",
    /* abbreviations, addresses */
    "Dr. Kim과 Mr. Lee가 U.S. 대표로 왔다.|회의는 9 a.m.에 열렸다.",
    "자세한 것은 pp. 12-15, vol. 3, no. 4를 보라.|그림은 없다.",
    "존 F. 케네디와 C.H.Firth'를 읽었다.|끝이다.",
    "자세한 것은 https://ko.example.org/a.b?c=1.2 에 있다.|문의는 help@ex.co.kr로 보낸다.",
    "He said no.|It was Jan. 5, 9 p.m. at home.|They left (see p. 7).|\"Why?\" she asked.",
    "He said \"No.\" and left.|그는 떠났다.|Она ушла.|끝이다.",
    "吾輩は猫である。||名前はまだ無い。||「どこで生れたか。」と言った。",
    /* three bytes are not a syllable; abbreviations and initials by their kinds */
    "He got the job.|Yes.|He did.",
    "It was a bad day.|Sad.|Very sad.",
    "I saw the sea.|Sun.|Sky.|All of it was big.|Then we left.",
    "Он шёл.|Да.|Нет.|Он ушёл.",
    "Ça va.|Oui.|Élan.|Voilà.",
    "Ja.|Öl.|Nein.|Tür.",
    "The keep was built c. 1210 by a lord who fl. 1200 and d. 1260 there.|It fell later.",
    "Ada b. 1815 and d. c. 1852, r. 1830–1840, est. 1990 or ca. 1991.|She wrote.",
    "Homer (fl. c. 800 BC) wrote.|He was born c. AD 50 and m. 1340.|Then he left.",
    "The bill by Sen. Hill passed.|Gov. Reed signed it.|We met Adm. Stone on Mt. Ara near Ft. "
    "West.",
    "The court in Park v. Hill decided so.|See Eq. 3 and Ref. 12 for it.",
    "See Eq. (3), Fig. A1, Figs. S2 and Ref. [12].|Vol. IV is lost.",
    "É. Vala wrote it.|А. Вала писал это.",
    "It was Ö. Müller.|He knew Й. Кон and É. Zola well.|Σ. Κώστας too.",
    "I visit Yahoo! Mail daily.|I like Yahoo!|It is good.",
    "야후! 코리아는 닫았다.|야후!|그는 떠났다.",
    "It was -5.3 deg. C outside.|He froze at 5 deg.|It was cold.",
    "This is plan B.|It works.|We go.",
    "Vitamin C.|Then we rest.",
    "He left in 1990.|\"He came back,\" she said.|He won in 1991.|(He lost later.)",
    "He was born in 1990.|Élan followed.",
    "I live in the E.U.|The end.",
    "He works at Acme Inc.|It grew.|Acme Corp. and Bell Co. merged.|Pay Acme Ltd. 5 dollars.",
    "Mr. He went to Dr. No and Rep. Ann Lee.|Lt. Gov. Ray left.",
    "Say no.|No. 5 is alive.|No.|I do not.",
    "J. R. R. Tolkien wrote it.|W. A. Mozart did not.|J.-P. Sartre did.",
    "Am 3. Mai war es warm.|Im 19. Jahrhundert nicht.",
    "Er kam am 3. April an.|Der 2. Weltkrieg begann.|Ich bin 25.|Der Rest fehlt.",
    "Er mag z. B. Wasser und u. a. Wein, d. h. alles.|Das war es.",
    "Er mag z.B. Wasser, d.h. alles, i.d.R. Brot usw.|Das war es.",
    "I am 25.|Bob is 30.|She turned 40.|The end.",
    "Er sagt: „Hallo. Wie geht es?“ und geht.|Sie bleibt.",
    "Siehe S. 225 und Nr. 5.|Vgl. Abb. 3 bzw. Kap. 4.|Ende.",
    "The St. Lawrence is near Main St.|The end.|Calif. Gov. Reed came from Calif.|He left.",
    "She wrote to Jan. 5 to Dec. 12.|It was Jan.|It was cold.",
    "It cost 5 ft. 6 in. of rope.|It was 5 ft.|That is all.",
    "\"Who is it?\" she asked.|\"No.\" she said.",
    "At 9 a.m. he left.|At 9 p.m.|The end.",
    "„Ja. Nein.” und “ja. nein.” und ‚so. oder.‘ und „wie. da.|Nein.",
    "Dr. med. Meyer und Dr. rer. nat. Schulz kamen.|Han er med.|Bob er her.",
    "They sat and waited...|Then it came.|Well... it came :)|The end.|I... I do not know.",
    "He died in Rome (1821).[22]|His book came in 1805.[6]|An owl saw the U.S. [3]|It left.",
    "It’s the U.S.|It’s big.|Plan B.|That’s all.",
    "She lives in the U.S.|Then she moved.|He heads the U.S. Army in Rome.|She sold it to the "
    "E.U.|The end.",
    "Wir trafen Dr. med. Weiß im Dorf.|Prof. Graf ist z. Z. fort.|Siehe S. 23.",
    "The choir sang, you and I.|Did Ann I. West hear it?|We saw Mt. Ara.",
    /* marks without a space, and what a quotation goes on with */
    "정말이다。||그는 갔다！||또 왔다？||아니다｡||그렇다．||또 있다.",
    "정말인가？라고 그는 물었다.",
    "何だ？||그것은 책이다。||以上。||끝.",
    "値は３．１４である．||次は3．5だ。",
    "Yahoo！知恵袋は便利だ。||そうだ。",
    "\"누구세요?\" 문 안에서 물었다.|\"저예요.\" 그가 조용히 대답했다.",
    "“비가 오나?” 고개를 들고 물었다.|“글쎄.” 하고 그는 갔다.",
    "\"오늘은 쉬자. 내일 하자.\"|그는 잤다.",
    "\"가자.\"|그는 내일 간다고 말했다.|\"왜?\"|그가 길을 물었다.",
    "\"가자.\"|그는 \"어디로?\" 하고 물었다.",
    "她问：“你好吗？”他说好。||然后走了。",
    /* quotations and brackets */
    "그는 “비가 오나? 벌써 그쳤네!”라며 창을 열었다.",
    "\"오늘은 쉬자. 내일 하자.\"|그는 잤다.",
    "한 시민은 \"그래서 '2020년'이란 시간은 멈춘 듯하다\"고 말했다.",
    "현우는 \"문제없어. 성공할 수 있어!\" 하며 어깨를 으쓱거렸다.",
    "《용사님? 용사님!》 시리즈를 내놓았다.|값은 없다.",
    "그는 말했다.||\"그래서 어쩌라고\"라고.",
    "가온 주식회사(이하 '회사'라 한다) 대표이사는 저녁을 샀다.",
    "문을 열었다.|(한참 뒤에 알았다.)|밖은 눈이었다.",
    "그는 졌다. (2021년 3월)|다시는 안 했다.[2]|끝이다. [3]|정말이다.",
    "분류된다.|[사각형] 도구를 쓴다.|(2) 저장한다.",
    "왔다.|\"가자. 응.\" 했다.|(1) 온다.|2) 간다.|“또. 가자.” 했다.",
    "기록은 1'1″이다.|다음 선수는 1'3″에 들어왔다.",
    "Shift + [ 를 누른다.|그러면 창이 닫힌다.",
    /* marks, dots, faces */
    "글쎄... 잘 모르겠다...|내일 다시 보자.",
    "정말이야?!|믿을 수 없어!!|다시 말해 봐.",
    "중독이 되나? 싶었는데 아니었다.",
    "역시 본점답죠?ㅎㅅㅎ|줄이 길어요ㅠㅠ",
    "안녕하세요 :-)|저는 나루에 살아요 ;)|반가워요 ^^ 😊|네~ 그래서요",
    "나루 특파원입니다.|--지난해 그는 떠났다.",
    "시장이 열렸다.|◆먹거리 국밥이 팔렸다.",
    "포토존 !!|저도 찍었다 .|원빈: 그래...|동원 : 응.",
    /* nothing but an ending */
    "어떻게 할지 궁금합니다|내일 알려 주세요|알겠어요",
    "맛집이라고 한다|그래서 가 봤다|좋더라",
    "어제 다녀왔음|고기는 최고임|다음에 또 갈 것임",
    "고기는 최고임 그리고 쌈",
    "흐르다 라는 뜻도 있다 보니 갔다 하면 늦는다 라고들 했다",
    "달은 커졌다 작아졌다 한다.|안녕하십니까|반갑습니다|저는 봄입니다",
    "그는 도주하다 붙잡혀 다시 갇혔다.",
    "바다 다 마른 줄 알았다.|수다 좀 떨다 왔다.",
    "늦을까 봐 걱정했는데 괜찮지 싶다.|다들 왔으니까요.",
    "했습니다.||그러나 3.14는 아니다.",
    /* talk, notes, adjectives, and what only looks like their endings */
    "근처 맛집 찾아줘|내일 날씨 알려줘|길 막혀|지금 어디야",
    "너 밥 먹었니|나 배고파 죽겠어|같이 갈래|난 집에 있어|심심해",
    "검색해 봐라|이따 전화할게|그게 뭐야|이게 얼마나 비싼 거냐|사지 말자",
    "맛있는걸 먹기에 좋은 곳이에요|볼게 없어요|너 어디야|집에 갈래|볼게 많은걸|어서 와",
    "많이 먹어ㅋㅋ|그래서 졸려.|안 해ㅋㅋ|그만 하고ㅋㅋ 갑니다.",
    "배송 빠름 하자 없음|재구매 의사 있음",
    "이것은 문제다|그는 남자다|날이 궁금하다|값이 저렴하다|방이 넓다",
    "비가 올까 봐 걱정이다|갈까 말까 고민했다|무엇을 할까",
    "길게 늘어선 줄이 끝나게 되었고 오스트리아 사람을 알게 되었다.",
    "물건이 있어 좋습니다|가격이 좋아 자주 갑니다|문을 열어 안을 봤습니다",
    "너 어디야|문 열어 줘|집에 있어 봤자 뭐 하니|그만 울지 마|웃지 않아 줘",
    "일하다 다쳤다고 한다|자다 일어나 보니 아침이다|수급하다 적발된 사람이다",
    "그는 아니다 보니 몰랐다|지금이야 말로 중요하다|갔어요|생각의 기준이에요",
    "두 갈래 길에서 진달래 빨래를 몰래 봤다",
    "니시지마 히데토시와 묻지마 범죄를 다룬 영화다",
    "혐의 없음 처분을 받은 사람이다",
    "조사？연구를 한다.|정말인가요？||그렇다！||네.",
};

/* The line of a case, and where in it each sentence must begin. */
static size_t line_of(struct buf *line, const char *spec, size_t *starts)
{
    size_t n = 1;

    buf_clear(line);
    starts[0] = 0;
    for (const char *p = spec; *p; p++) {
        if (*p != '|') {
            assert_int_equal(buf_put(line, p, 1), RF_OK);
            continue;
        }
        if (p[1] == '|')
            p++;
        else
            assert_int_equal(buf_put(line, " ", 1), RF_OK);
        starts[n++] = line->len;
    }
    return n;
}

static void known_cases_come_out_right(void **state)
{
    struct splitter *s = NULL;
    struct buf line = {0};

    (void)state;
    assert_int_equal(splitter_new(&s, MAX_QUOTE, NULL), RF_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t starts[16], n = line_of(&line, cases[i], starts), len, got = 0;
        const char *sentence;

        assert_int_equal(splitter_line(s, line.data, line.len, NULL), RF_OK);
        for (; splitter_next(s, &sentence, &len); got++)
            if (got == n || sentence != line.data + starts[got])
                fail_msg("'%s': sentence %zu begins at '%s'", cases[i], got, sentence);
        if (got != n)
            fail_msg("'%s': %zu sentences, not %zu", cases[i], got, n);
    }
    buf_free(&line);
    splitter_free(s);
}

/* --- laws */

/* What sentences are made of, and what could upset the search for their ends. */
static const char *const pieces[] = {
    " ",
    " ",
    " ",
    "  ",
    "\t",
    "\u00A0",
    "\u3000",
    ".",
    ".",
    "..",
    "?",
    "!",
    "…",
    "。",
    ",",
    ":",
    "~",
    "^^",
    ":)",
    "ㅋㅋ",
    "ㅠ",
    "😊",
    "\"",
    "\"",
    "'",
    "“",
    "”",
    "‘",
    "’",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    "《",
    "》",
    "「",
    "」",
    "1",
    "23",
    "3.1",
    "가",
    "다",
    "했다",
    "니다",
    "어요",
    "하고",
    "라고",
    "것임",
    "먹음",
    "봤어",
    "네",
    "Dr",
    "a.m",
    "U.S",
    "x",
    "The",
    "的",
    "\xEA\xB0\x80",
    "\xF0\x9F\x98\x80",
    "-",
    "※",
    "\x01",
    "원빈:",
    "„",
    "Mt",
    "d",
    "É",
    "Yahoo!",
    "AD",
    "am",
    "Mai",
    "물었다",
    "있어",
    "줘",
    "없음",
    "하다",
};

static void make_line(struct buf *line, uint64_t number)
{
    struct rng r = rng_stream(1, number, 0, RNG_TEST);
    size_t n = rng_below(r, 0, 40);

    buf_clear(line);
    assert_int_equal(buf_reserve(line, 1), RF_OK);
    line->data[0] = '\0';
    for (size_t i = 1; i <= n; i++) {
        const char *piece = pieces[rng_below(r, i, sizeof pieces / sizeof *pieces)];

        assert_int_equal(buf_put(line, piece, strlen(piece)), RF_OK);
    }
}

static bool is_space(uint32_t cp)
{
    return cp == ' ' || (cp >= 9 && cp <= 13) || cp == 0xA0 || cp == 0x3000;
}

/* The sentences lie in the line in order, white space between them and nothing else; none is
 * empty, and none but the first begins with white space. */
static void check_law(struct splitter *s, const char *line, size_t len)
{
    const char *at = line, *sentence;
    size_t n;

    assert_int_equal(splitter_line(s, line, len, NULL), RF_OK);
    while (splitter_next(s, &sentence, &n)) {
        uint32_t cp;

        assert_true(n > 0 && sentence >= at && sentence + n <= line + len);
        while (at < sentence) {
            at += utf8_next(&cp, at);
            assert_true(is_space(cp));
        }
        utf8_next(&cp, sentence);
        assert_true(sentence == line || !is_space(cp));
        at = sentence + n;
    }
    assert_ptr_equal(at, line + len);
}

static void only_line_breaks_are_added(void **state)
{
    struct splitter *s = NULL;
    struct buf line = {0};

    (void)state;
    assert_int_equal(splitter_new(&s, 20, NULL), RF_OK);
    for (uint64_t i = 0; i < 50000; i++) {
        make_line(&line, i);
        check_law(s, line.data, line.len);
    }
    buf_free(&line);
    splitter_free(s);
}

/* The places where sentences end, of any line, in one number. */
static uint64_t ends_of(struct splitter *s, const struct buf *line)
{
    uint64_t sum = 1;
    const char *sentence;
    size_t n;

    assert_int_equal(splitter_line(s, line->data, line->len, NULL), RF_OK);
    while (splitter_next(s, &sentence, &n))
        sum = sum * 1000003 + (uint64_t)(sentence + n - line->data);
    return sum;
}

static void what_came_before_has_no_influence(void **state)
{
    struct splitter *used = NULL;
    struct buf line = {0}, other = {0};

    (void)state;
    assert_int_equal(splitter_new(&used, MAX_QUOTE, NULL), RF_OK);
    for (uint64_t i = 0; i < 300; i++) {
        struct splitter *fresh = NULL;

        assert_int_equal(splitter_new(&fresh, MAX_QUOTE, NULL), RF_OK);
        make_line(&other, 1000000 + i);
        make_line(&line, i);
        ends_of(used, &other);
        assert_int_equal(ends_of(used, &line), ends_of(fresh, &line));
        splitter_free(fresh);
    }
    buf_free(&line);
    buf_free(&other);
    splitter_free(used);
}

static size_t count(struct splitter *s, const char *line)
{
    const char *sentence;
    size_t n, k = 0;

    assert_int_equal(splitter_line(s, line, strlen(line), NULL), RF_OK);
    while (splitter_next(s, &sentence, &n))
        k++;
    return k;
}

static void a_quotation_protects_so_many_characters(void **state)
{
    static const char *const quoted[] = {"“갔다. 왔다.”", "(갔다. 왔다.)", "\"갔다. 왔다.\""};

    (void)state;
    for (size_t i = 0; i < sizeof quoted / sizeof *quoted; i++)
        for (uint64_t max = 0; max < 12; max++) {
            struct splitter *s = NULL;

            assert_int_equal(splitter_new(&s, max, NULL), RF_OK);
            assert_int_equal(count(s, quoted[i]), max < 8 ? 2 : 1); /* 7 are inside */
            splitter_free(s);
        }
}

static void an_unclosed_mark_protects_nothing(void **state)
{
    static const char *const marks[] = {"“", "\"", "'", "(", "[", "「", "<", "‘"};
    struct splitter *s = NULL;

    (void)state;
    assert_int_equal(splitter_new(&s, MAX_QUOTE, NULL), RF_OK);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        char line[64];

        snprintf(line, sizeof line, "그는 %s갔다. 왔다. 봤다.", marks[i]);
        assert_int_equal(count(s, line), 3);
    }
    splitter_free(s);
}

/* 4 MiB of what invites a search to begin again and again: quadratic time would be hours. */
static void hostile_lines_take_linear_time(void **state)
{
    static const char *const loops[] = {"(",           "\" ",     "'a ",   "다.",    "ㅋ ",
                                        ". ",          "‘’“”",    "[1]",   "다 (",   "a.b.",
                                        "것임 ",       "원빈:\"", "?!",    "1. ",    "가。",
                                        "\"가.\" 나 ", "Dr. ",    "3. A ", "줘 해 ", "„가“"};
    /* a long word, then what asks again and again what stands before it */
    static const char *const halves[][2] = {{"a", ". (1) "},    {"1", ". (A) "},
                                            {"가", "! (1) "},   {"a.", " (1) "},
                                            {"\"가.\"", " 가"}, {"é", ". 3. A "}};
    struct splitter *s = NULL;
    struct buf line = {0};

    (void)state;
    assert_int_equal(splitter_new(&s, 1000000000, NULL), RF_OK);
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
        buf_clear(&line);
        while (line.len < 4 << 20)
            assert_int_equal(buf_put(&line, loops[i], strlen(loops[i])), RF_OK);
        check_law(s, line.data, line.len);
    }
    for (size_t i = 0; i < 2 * (sizeof halves / sizeof *halves); i++) {
        const char *piece = halves[i / 2][i % 2];

        if (i % 2 == 0)
            buf_clear(&line);
        while (line.len < (i % 2 + 1) << 21)
            assert_int_equal(buf_put(&line, piece, strlen(piece)), RF_OK);
        if (i % 2 == 1)
            check_law(s, line.data, line.len);
    }
    buf_free(&line);
    splitter_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_cases_come_out_right),
        cmocka_unit_test(only_line_breaks_are_added),
        cmocka_unit_test(what_came_before_has_no_influence),
        cmocka_unit_test(a_quotation_protects_so_many_characters),
        cmocka_unit_test(an_unclosed_mark_protects_nothing),
        cmocka_unit_test(hostile_lines_take_linear_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
