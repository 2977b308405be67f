/* Templates of numbers, measures, sums and dates: a value that is spread over the arguments is
 * shown whole, or goes whole and is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "corpus/wikitext.h"

struct row {
    const char *markup, *text; /* text "": it is not understood */
};

/* Convert "x MARKUP y", compare with "x TEXT y", and check what was counted. */
static void check(const struct row *row)
{
    struct wikitext_work *work = wikitext_work_new();
    const struct wikitext_cfg cfg = {0};
    const struct namespaces ns = {0};
    struct wikitext *w = NULL;

    assert_non_null(work);
    assert_int_equal(wikitext_new(&w, &cfg, NULL), RF_OK);
    for (; row->markup; row++) {
        struct wikitext_removed removed = {0};
        struct buf s = {0}, want = {0}, to = {0};
        bool understood = *row->text;

        assert_int_equal(buf_put(&s, "x ", 2), RF_OK);
        assert_int_equal(buf_put(&s, row->markup, strlen(row->markup)), RF_OK);
        assert_int_equal(buf_put(&s, " y", 2), RF_OK);
        assert_int_equal(buf_put(&want, "x ", 2), RF_OK);
        assert_int_equal(buf_put(&want, row->text, strlen(row->text)), RF_OK);
        assert_int_equal(buf_put(&want, understood ? " y\n" : "y\n", understood ? 3 : 2),
                         RF_OK);
        assert_int_equal(wikitext_convert(w, work, &ns, "title", s.data, s.len, &to, &removed),
                         RF_OK);
        if (strcmp(to.data, want.data) != 0)
            fail_msg("of: %s\nwanted: %sgot: %s", s.data, want.data, to.data);
        if (understood ? removed.count[WIKITEXT_VALUE] + removed.count[WIKITEXT_TEMPLATE] != 0
                       : removed.count[WIKITEXT_VALUE] != 1)
            fail_msg("counted wrongly: %s", s.data);
        buf_free(&s);
        buf_free(&want);
        buf_free(&to);
    }
    wikitext_work_free(work);
    wikitext_free(w);
}

static void fractions(void **state)
{
    (void)state;
    check((const struct row[]){
        {"{{frac|1|2}}", "1/2"},
        {"{{frac|7}}", "1/7"},
        {"{{frac|2|1|2}}", "2 1/2"},
        {"2{{frac|1|2}}", "2 1/2"},
        {"{{Fraction|3|4}} {{sfrac|a|b + 1}} {{Bruch|1|3}}", "3/4 a/(b + 1) 1/3"},
        {"{{frac|1|2|}}", "1/2"},
        {"{{дробь|2|1|3}} {{분수|1|2}} {{分数|1|2}}", "2 1/3 1/2 1/2"},
        {"2{{1/2}} {{ 3/4 }}", "2 1/2 3/4"},
        {"{{frac|1|2|3|4}}", ""},
        {"{{frac}}", ""},
        {"{{frac|1|{{nosuch}}}}", ""},
        {NULL, NULL}});
}

static void groups_of_digits(void **state)
{
    (void)state;
    check((const struct row[]){
        {"{{gaps|9|460|730|472|580|800}}", "9460730472580800"},
        {"{{gaps|1.234|567|e=5|u=kg}}", "1.234567×10^5 kg"},
        {"{{gaps|3.|1|4|1|5|9|2|6|5|3|5|8|9|7|9}}", "3.14159265358979"},
        {"{{gaps|1=3.1|2=4|3=1}}", "3.141"},
        {"{{gaps|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1|1}}", ""},
        {"{{gaps|lhs=a|3}}", ""},
        {"{{gaps|1=3|3=4}}", ""},
        {"{{formatnum:1234567.89}} {{nts|1234}}", "1234567.89 1234"},
        {"{{수형식:1234}} {{ZAHLENFORMAT:1234}} {{格式化数字:1234}}", "1234 1234 1234"},
        {NULL, NULL}});
}

static void values_of_val(void **state)
{
    (void)state;
    check((const struct row[]){
        {"{{val|1.99|e=30|u=kg}}", "1.99×10^30 kg"},
        {"{{val|1.99|0.01|e=30|ul=kg}}", "(1.99±0.01)×10^30 kg"},
        {"{{val|1.234(5)|u=m}} {{val|1.234|(5)|u=m}}", "1.234(5) m 1.234(5) m"},
        {"{{val|5|0.2|0.1|u=m}} {{val|5|+0.2|-0.1}}", "5+0.2−0.1 m 5+0.2−0.1"},
        {"{{val|5|u=J|up=kg}} {{val|5|ul=m|upl=s2}}", "5 J/kg 5 m/s2"},
        {"{{val|5|-|10|u=km}} {{val|5|x|10|x|2|u=m}}", "5–10 km 5 × 10 × 2 m"},
        {"{{val|5|to|10|e=3}}", "(5 to 10)×10^3"},
        {"{{val|e=15|u=m}} {{val|1.5e-3}} {{val|50|u=%}}", "10^15 m 1.5×10^-3 50%"},
        {"{{val|5|p=~|s=ish|fmt=commas}}", "~5ish"},
        {"{{val|-5|u=°C}} {{val|123456789}}", "-5°C 123456789"},
        {"{{val|5|odd=1}}", ""},
        {"{{val|5|km}}", ""},
        {"{{val|5|1|1|1}}", ""},
        {"{{val}}", ""},
        {"{{val|{{nosuch|5}}|u=m}}", ""},
        {"{{val|5|u={{nosuch}}}}", ""},
        {NULL, NULL}});
}

static void measures(void **state)
{
    (void)state;
    check((const struct row[]){
        {"{{convert|93|m|ft}} {{cvt|2+1/2|mi}} {{convert|1/2|in|mm|1}}",
         "93 m 2 1/2 mi 1/2 in"},
        {"{{convert|6|ft|2|in|m}} {{convert|5|ft|8+1/2|in|cm|0}}", "6 ft 2 in 5 ft 8 1/2 in"},
        {"{{convert|9|st|7|lb}} {{convert|1|mi|3|yd|2|ft}}", "9 st 7 lb 1 mi 3 yd 2 ft"},
        {"{{convert|10|to|20|km|mi}} {{convert|10|-|20|km}}", "10 to 20 km 10–20 km"},
        {"{{convert|5|by|3|m|ft}} {{convert|5|x|3|x|2|cm}}", "5 by 3 m 5 × 3 × 2 cm"},
        {"{{convert|5|and|8|mm}} {{convert|5|±|1|m}} {{convert|5|+/-|1|m}}",
         "5 and 8 mm 5 ± 1 m 5 ± 1 m"},
        {"{{convert|20|C|F}} {{convert|5|sqmi|km2}} {{convert|3|cuft/s|m3/s}}",
         "20 °C 5 sq mi 3 cu ft/s"},
        {"{{convert|5|e6km2|sqmi}} {{convert|50|PD/sqmi}} {{convert|50|/km2}}",
         "5 million km2 50/sq mi 50/km2"},
        {"{{convert|5|$/acre|$/ha}} {{convert|1.5e3|km}}", "$5/acre 1.5×10^3 km"},
        {"{{convert|5|km|mi|0|abbr=on}} {{convert|5|km|0}}", "5 km 5 km"},
        {"{{convert|5{{frac|1|2}}|in}} {{단위 변환|10|에서|20|km}}", "5 1/2 in 10에서 20 km"},
        {"{{convert|5|µm}} {{convert|½|in}} {{convert|٥|km}}", "5 µm ½ in ٥ km"},
        {"{{convert|10-20|km}}", "10-20 km"},
        {"{{convert|5|km|disp=out}}", ""},
        {"{{convert|5|km|mi|disp=number}}", ""},
        {"{{convert|5|km|200|m}}", ""},
        {"{{convert|2|ft|3|in|x|4|ft|5|in}}", ""},
        {"{{convert|5|ha|a|0}}", "5 ha"},
        {"{{convert|5|e7km}}", ""},
        {"{{convert|5}}", ""},
        {"{{convert|5|upto|8|km}}", ""},
        {"{{convert|many|km}}", ""},
        {"{{convert|{{nosuch}}|km}}", ""},
        {"{{convert}}", ""},
        {NULL, NULL}});
}

static void numbers_with_units(void **state)
{
    (void)state;
    check((const struct row[]){
        {"{{unité|2000|m}} {{nombre|12|km}} {{num|1234}}", "2000 m 12 km 1234"},
        {"{{unité|9,8|m|s|-2}} {{unité|3|m|2}}", "9,8 m s-2 3 m2"},
        {"{{unité|8|à|10|km}} {{unité|5|e=3|m}}", "8 à 10 km 5×10^3 m"},
        {"{{unité|8|à|10|e=3|km}} {{unidad|5|km}}", "(8 à 10)×10^3 km 5 km"},
        {"{{height|ft=6|in=2}} {{height|m=1.83}} {{height|cm=183}}", "6 ft 2 in 1.83 m 183 cm"},
        {"{{height|ft=6|in=2|frac=1/2}} {{height|m=1.83|ft=6}}", "6 ft 2 1/2 in 1.83 m"},
        {"{{height|meter=1.77}} {{height|feet=6|inches=0}} {{height|in=62}}",
         "1.77 m 6 ft 0 in 62 in"},
        {"{{Höhe|500|DE-NHN|link=true}} {{fmtn|5|km}}", "500 m ü. NHN 5 km"},
        {"{{Höhe|500|XX}}", ""},
        {"{{unité|5|7|km}}", ""},
        {"{{unité|5|m|200}}", ""},
        {"{{height}}", ""},
        {NULL, NULL}});
}

static void sums_of_money(void **state)
{
    (void)state;
    check((const struct row[]){
        {"{{us$|5}} {{₩|1000}} {{US$|5|1990}} {{GBP|5.50|link=yes}}", "US$5 ₩1000 US$5 £5.50"},
        {"{{₹}}500 {{INRConvert|5|c}} {{INRConvert|2.5|lc}}", "₹500 ₹5 crore ₹2.5 lakh crore"},
        {"{{NT$|30}} {{HK$|5 million}} {{currency|5|USD}}", "NT$30 HK$5 million US$5"},
        {"{{US$|5|million}}", ""},
        {"{{currency|5|XYZ}}", ""},
        {"{{INRConvert|5|q}}", ""},
        {"{{US$|{{nosuch}}}}", ""},
        {NULL, NULL}});
}

static void dates(void **state)
{
    (void)state;
    check((const struct row[]){
        {"{{circa|1200}} {{circa|1200|1210}} {{circa}}1300",
         "c. 1200 c. 1200 – c. 1210 c. 1300"},
        {"{{fl.|1200|1210}} {{reign|1200|1210}}", "fl. 1200–1210 r. 1200–1210"},
        {"{{as of|2009}} {{as of|2009|3}} {{as of|2009|3|5}}",
         "As of 2009 As of March 2009 As of 5 March 2009"},
        {"{{as of|2009|3|5|df=US|lc=y}} {{as of|2009|March|since=y}}",
         "as of March 5, 2009 Since March 2009"},
        {"{{as of|2009|alt=In 2009}}", "In 2009"},
        {"{{date|5|mars|2009}} {{date|1|mai|2009|en astronomie}} {{date||mars|2009}}",
         "5 mars 2009 1er mai 2009 mars 2009"},
        {"{{date|2009-03-05|dmy}}", "2009-03-05"},
        {"{{1er}} {{1er|mars|2009}} {{n°|12}}", "1er 1er mars 2009 n° 12"},
        {"{{s-|XIX|e}} {{sp-|XVII|e|au|XVIII|e}} {{s2-|XIX|e|XX|e}} {{-s-|II|e}}",
         "XIXe siècle XVIIe au XVIIIe siècle XIXe et XXe siècles IIe siècle av. J.-C."},
        {"{{siglo|XIX||s}} {{siglo|V|a}}", "siglo XIX V a. C."},
        {"{{OldStyleDate|5 March|1690|22 February}}", "5 March [O.S. 22 February] 1690"},
        {"{{OldStyleDate|20|ноября|1858|8}}", "8 (20) ноября 1858"},
        {"{{age|1990|5|3|2010|5|2}} {{나이|1990|5|3|2010|5|3}}", "19 20"},
        {"{{as of|2009|13}}", ""},
        {"{{as of|2009||5}}", ""},
        {"{{as of}}", ""},
        {"{{date|5|3|2009}}", ""},
        {"{{circa|1200|1210|1220}}", ""},
        {"{{age|1990|5|3}}", ""},
        {"{{s|XX|e}} {{s|5 км}} {{XIXe siècle}}", "XXe siècle 5 км XIXe siècle"},
        {"{{s|a|b}}", ""},
        {"{{segle|V|aC}}", ""},
        {NULL, NULL}});
}

static void other_numbers(void **state)
{
    (void)state;
    check((const struct row[]){
        {"{{ordinal|1}} {{ordinal|12}} {{ordinal|23}} {{ordinal|1,011}}",
         "1st 12th 23rd 1,011th"},
        {"5{{e|6}} 10{{e|6}} 110{{e|6}} XIX{{e}} m{{e|2}}", "5×10^6 10^6 110×10^6 XIXe m2"},
        {"10{{sup|6}} 1{{sup|st}} m{{sup|2}} {{10^|6}} 3{{x10^|8}}", "10^6 1st m2 10^6 3×10^8"},
        {"5 {{solar mass}} {{Solar mass|5}} {{RA|12|30|5}} {{DEC|+12|30}}",
         "5 M☉ 5 M☉ 12h 30m 5s +12° 30′"},
        {"{{duration|1|20|5}} {{duration|m=3|s=5}} {{duration|h=1|s=5}} {{duration|3:20}}",
         "1:20:05 3:05 1:00:05 3:20"},
        {"1010{{sub|2}} CO{{sub|2}} m{{exp|2}} 10{{exp|-3}}", "1010_2 CO2 m2 10^-3"},
        {"{{exp|2}}", ""},
        {"{{linktext|三|國|演|義}}", "三國演義"},
        {"{{nowrap|5 km}} {{nowrap|1=6 km}}", "5 km 6 km"},
        {"{{ordinal|x}}", ""},
        {"{{sigfig|1234.5|3}}", ""},
        {"{{percentage|1|4}}", ""},
        {"{{solar mass|5|6}}", ""},
        {NULL, NULL}});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fractions),
        cmocka_unit_test(groups_of_digits),
        cmocka_unit_test(values_of_val),
        cmocka_unit_test(measures),
        cmocka_unit_test(numbers_with_units),
        cmocka_unit_test(sums_of_money),
        cmocka_unit_test(dates),
        cmocka_unit_test(other_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
