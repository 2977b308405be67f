/* wikitext_keep.c: what a template leaves of itself. */
#include <stdlib.h>

#include "base/utf8.h"
#include "corpus/mediawiki_tables.h"
#include "corpus/wikitext_parts.h"

/* A reader of these templates sees their text, one of their arguments or nearly, or a value
 * that all arguments make up. Templates of any other name leave nothing. "x-*" stands for all
 * names that begin with "x-"; a name that ends in : is a parser function. In the text that they
 * leave, $1 to $9 are arguments, $L is the last one, $* all of them, $T the text of a
 * quotation, $P the page's title, $$ a dollar. Other letters are those of wikitext_value.c:
 * such a value is shown whole, or the template is counted as one that was not understood. A
 * name of which no text is known, but which shows a number, has $?. */
static const struct {
    const char *what, *names;
} built_in[] = {
    {"$1",
     "nowrap,nobr,j,줄바꿈 금지,줄바꿈금지,small,smaller,작게,big,larger,크게,strong,em,bold,"
     "esd,italic,이탤릭,code,mono,tt,samp,kbd,var,mvar,smallcaps,sc,"
     "visible anchor,vanchor,plainlist,flatlist,abbr,약어,tooltip,glossary link"},
    {"$1",
     "lang-*,llang-*,nihongo,nihongo2,nihongo krt,한자,일본어,ruby,ruby-ja,루비,윗주,unicode,"
     "비범용문자,ill,interlanguage link,임시링크"},
    {"$1", "formatnum:,formatnum,nts,chem2,lc:,uc:,lcfirst:,ucfirst:"},
    {"$1", "flag,flagcountry,flagu,국기,국기나라,국기 나라"},
    {"$2", "lang,언어,llang,langx,script,color,colour,색,글자색,font color,범례,legend"},
    {"$L", "w,transl,transliteration,resize,columns-list,sort"},
    {"$T", "div col,다단"},
    {"\n$T\n", "quote,blockquote,cquote,quotation,인용문,인용문2,poemquote,poem quote"},
    {"\n$1\n", "center,가운데,verse translation"},
    {"\n$2\n", "rquote"},
    {"$*", "hlist,unbulleted list,ubl"},
    {"$+", "linktext,not a typo,sic"},
    {"$1 $2", "sortname,ship"},
    {"$C", "convert,cvt,단위 변환,단위변환"},
    {"$V", "val,m"},
    {"$U", "unité,unite,nombre,nb,num,fmtn,unidad,unidade,число"},
    {"$G", "gaps"},
    {"$F", "frac,fraction,sfrac,bruch,bråk,breuk,дробь,дріб,fracción,fração,murtoluku,ułamek,"
           "zlomek,분수,分数,分數"},
    {"$H", "height"},
    {"$O", "ordinal"},
    {"$E", "e"},
    {"×10^$J", "x10^"},
    {"10^$J", "10^"},
    {"$^", "sup,위 첨자,^"},
    {"$x", "exp,esp"},
    {"$_", "sub,아래 첨자"},
    {"$BM☉", "solar mass"},
    {"$BR☉", "solar radius"},
    {"$BL☉", "solar luminosity"},
    {"$BM⊕", "earth mass"},
    {"$BR⊕", "earth radius"},
    {"$Q", "ra"},
    {"$W", "dec"},
    {"$X", "duration"},
    {"$K", "circa,c.,ca."},
    {"fl. $R", "floruit,fl."},
    {"r. $R", "reign,r."},
    {"$A", "as of"},
    {"$D", "date,date-"},
    {"$Z", "oldstyledate"},
    {"$S siècle", "s-,sp,sp-"},
    {"$s", "s"},
    {"$S siècles", "s2,s2-"},
    {"$S siècle av. J.-C.", "-s,-s-"},
    {"$S", "s mini,s mini-"},
    {"$i", "siglo"},
    {"século $J", "séc"},
    {"segle $J", "segle"},
    {"$n",
     "1er,ier siècle,iie siècle,iiie siècle,ive siècle,ve siècle,vie siècle,viie siècle,viiie "
     "siècle,ixe siècle,xe siècle,xie siècle,xiie siècle,xiiie siècle,xive siècle,xve "
     "siècle,xvie siècle,xviie siècle,xviiie siècle,xixe siècle,xxe siècle,xxie siècle"},
    {"n° $J", "n°,numéro"},
    {"$h", "höhe"},
    {"av. J.-C.", "av jc,av. j.-c."},
    {"$Y", "age,나이,만나이,年数,年齢,満年齢,alter"},
    {"₩$M", "₩,krw"},
    {"US$$$M", "us$,usd"},
    {"£$M", "£,gbp"},
    {"€$M", "€,eur,euro"},
    {"¥$M", "¥,jpy,yen"},
    {"₹$M", "₹,inr,rupee,indian rupee,indian rupees"},
    {"₹$N", "inrconvert,inr convert"},
    {"¥$N", "jpyconvert"},
    {"CN¥$M", "cn¥,cny"},
    {"NT$$$M", "nt$,twd,ntd"},
    {"HK$$$M", "hk$,hkd"},
    {"A$$$M", "a$,aud"},
    {"C$$$M", "c$,cad"},
    {"NZ$$$M", "nz$,nzd"},
    {"S$$$M", "s$,sgd"},
    {"R$$$M", "r$,brl"},
    {"₽$M", "₽,rub"},
    {"₱$M", "₱,php"},
    {"₺$M", "₺,try"},
    {"₪$M", "₪,ils"},
    {"฿$M", "฿,thb"},
    {"₫$M", "₫,vnd"},
    {"₴$M", "₴,uah"},
    {"৳$M", "৳,bdt"},
    {"₦$M", "₦,ngn"},
    {"R$M", "zar"},
    {"CHF $M", "chf,sfr"},
    {"$I", "currency"},
    {"$J dunams", "dunam"},
    {"$?", "sigfig,rnd,round,percentage,percent,inflation,age in years,age in days,"
           "age in months,age nts,years ago,time ago,deg2dms,deg2hms,hms2deg,decdeg,to usd,"
           "to usd round,number to word,numtext,num2words,ordinal to word,decade,century,su,±,"
           "chem,дата,fecha,data,dtlink,和暦,heure,durée,währungsumrechnung,ewz,#expr:,#time:,"
           "#timel:,currentyear,currentmonth,currentmonthname,currentday,localyear,localmonth,"
           "localmonthname,localday,numberofarticles,£sd,sek,nok,dkk,czk,pop density,"
           "population density"},
    {"$n", "1/2,1/3,2/3,1/4,3/4,1/5,2/5,3/5,4/5,1/6,5/6,1/8,3/8,5/8,7/8"},
    {"USS $1", "uss"},
    {"HMS $1", "hms"},
    {"SMS $1", "sms"},
    {"RMS $1", "rms"},
    {"SS $1", "ss"},
    {"MV $1", "mv"},
    {"$P", "pagename,fullpagename,subpagename,basepagename,문서이름"},
    {"|", "!"},
    {"||", "!!"},
    {"|-", "!-"},
    {"{|", "(!"},
    {"|}", "!)"},
    {"=", "="},
    {"'", "'"},
    {"'\"", "' \""},
    {"\"'", "\" '"},
    {"'s", "'s,'s-"},
    {"ʻ", "okina"},
    {" · ", "·,•,dot,bullet,middot,가운뎃점"},
    {"–", "–,ndash,en dash"},
    {" – ", "snd,spnd,spaced ndash,spaced en dash"},
    {"—", "mdash,em dash"},
    {" — ", "spaced mdash"},
    {" ", "nbsp,space,spaces"},
    {"\n", "break,br"},
    {"♯", "sharp"},
};

static int by_rule_name(const void *a, const void *b)
{
    return strcmp(((const struct keep_rule *)a)->name, ((const struct keep_rule *)b)->name);
}

/* Check a text to leave. It may use each argument at most once, because nested templates could
 * otherwise grow without bound. $L, $T, $C and $* can be any argument, so no other may stand
 * beside them. */
static bool is_sound(const char *what)
{
    bool seen[128] = {0}, any = false, number = false;

    for (; (what = strchr(what, '$')); what++) {
        unsigned char c = (unsigned char)*++what;
        bool is_any = c && strchr("LTC*", c), is_number = c >= '1' && c <= '9';

        if (c == '$')
            continue;
        if (!(is_any || is_number || c == 'P') || seen[c] || (is_any && number) ||
            (any && (is_any || is_number)))
            return false;
        seen[c] = true;
        any |= is_any;
        number |= is_number;
    }
    return true;
}

/* Make a rule that the user gave as NAME=WHAT. */
static int own_rule(struct keep_rule *r, const char *text, size_t n, struct errbuf *eb)
{
    const char *equal = n > 1 ? memchr(text + 1, '=', n - 1) : NULL; /* so that {{=}} works */
    size_t what_len = equal ? (size_t)(text + n - equal) - 1 : 0;
    char *what;

    if (!equal || utf8_check(text, n) != n || !(r->own = malloc(WIKI_NAME_BYTES + n + 2)) ||
        !wiki_fold(r->own, text, (size_t)(equal - text)))
        return err_set(eb, RF_EUSAGE, "bad rule '%.*s': must be NAME=ARGUMENT", (int)n, text);
    what = r->own + WIKI_NAME_BYTES;
    if (what_len == 1 && equal[1] >= '1' && equal[1] <= '9')
        *what++ = '$';
    else if (what_len == 1 && equal[1] == '0')
        what_len = 0;
    else if (!memchr(equal, '$', what_len + 1))
        what_len = SIZE_MAX;
    if (what_len != SIZE_MAX) {
        memcpy(what, equal + 1, what_len);
        what[what_len] = '\0';
    }
    r->name = r->own;
    r->what = r->own + WIKI_NAME_BYTES;
    if (what_len == SIZE_MAX || !is_sound(r->what))
        return err_set(
            eb, RF_EUSAGE,
            "bad rule '%.*s': must name an argument: 0 to 9, or a text with $1 in it", (int)n,
            text);
    return RF_OK;
}

static size_t count_names(const char *list)
{
    size_t n = *list != '\0';

    for (; *list; list++)
        n += *list == ',';
    return n;
}

static int built_in_rules(struct wikitext *w)
{
    size_t bytes = 0;
    char *names;

    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        bytes += strlen(built_in[i].names) + 1;
    if (!(names = w->names = malloc(bytes)))
        return RF_ENOMEM;
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++) {
        size_t len = strlen(built_in[i].names);

        memcpy(names, built_in[i].names, len + 1);
        for (char *name = names; name;) {
            w->keep[w->n_keep++] = (struct keep_rule){name, built_in[i].what, NULL};
            if ((name = strchr(name, ',')))
                *name++ = '\0';
        }
        names += len + 1;
    }
    return RF_OK;
}

/* Add the rule, or put it in place of the one with the same name. */
static void put_rule(struct wikitext *w, const struct keep_rule *rule)
{
    for (size_t i = 0; i < w->n_keep; i++) {
        if (strcmp(w->keep[i].name, rule->name) == 0) {
            free(w->keep[i].own);
            w->keep[i] = *rule;
            return;
        }
    }
    w->keep[w->n_keep++] = *rule;
}

int keep_rules(struct wikitext *w, const char *more, struct errbuf *eb)
{
    size_t n = more ? count_names(more) : 0;

    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        n += count_names(built_in[i].names);
    if (!(w->keep = calloc(n, sizeof *w->keep)) || built_in_rules(w) != RF_OK)
        return err_nomem(eb);
    while (more && *more) {
        size_t len = strcspn(more, ",");
        struct keep_rule own = {0};
        int rc = own_rule(&own, more, len, eb);

        if (rc != RF_OK) {
            free(own.own);
            return rc;
        }
        put_rule(w, &own);
        more += len + (more[len] == ',');
    }
    qsort(w->keep, w->n_keep, sizeof *w->keep, by_rule_name);
    return RF_OK;
}

static const struct keep_rule *find_rule(const struct wikitext *w, const char *name)
{
    struct keep_rule key = {.name = name};

    return bsearch(&key, w->keep, w->n_keep, sizeof *w->keep, by_rule_name);
}

static int by_function_name(const void *name, const void *row)
{
    return strcmp(name, ((const struct mediawiki_function *)row)->name);
}

const struct keep_rule *keep_find(const struct wikitext *w, const char *name)
{
    const struct keep_rule *r = find_rule(w, name);
    char family[WIKI_NAME_BYTES];
    size_t end = strcspn(name, "-:");

    if (r || !name[end])
        return r;
    if (name[end] == ':') {
        const struct mediawiki_function *f =
            bsearch(name, mediawiki_functions, mediawiki_functions_n,
                    sizeof *mediawiki_functions, by_function_name);

        return f ? find_rule(w, f->english) : NULL;
    }
    if (end + 3 > sizeof family)
        return NULL;
    memcpy(family, name, end + 1);
    memcpy(family + end + 1, "*", 2);
    return find_rule(w, family);
}
