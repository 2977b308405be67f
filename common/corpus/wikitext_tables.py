#!/usr/bin/env python3
"""Write wikitext_tables.c: HTML's named entities, as Python's html.entities has them (HTML 4, the
list MediaWiki takes), and the codes of the languages that have a Wikipedia.

    python3 wikitext_tables.py > wikitext_tables.c
"""
from html.entities import name2codepoint

LANGUAGES = """
aa ab ace ady af ak als alt am ami an ang ann anp ar arc ary arz as ast atj av avk awa ay az azb
ba ban bar bat-smg bbc bcl bdr be be-tarask be-x-old bew bg bh bi bjn blk bm bn bo bpy br bs btm
bug bxr ca cbk-zam cdo ce ceb ch cho chr chy ckb co cr crh cs csb cu cv cy da dag de dga din diq
dsb dtp dty dv dz ee el eml en eo es et eu ext fa fat ff fi fiu-vro fj fo fon fr frp frr fur fy
ga gag gan gcr gd gl glk gn gom gor got gpe gsw gu guc gur guw gv ha hak haw he hi hif ho hr hsb
ht hu hy hyw hz ia iba id ie ig igl ii ik ilo inh io is it iu ja jam jbo jv ka kaa kab kaj kbd
kbp kcg kg kge ki kj kk kl km kn knc ko koi kr krc ks ksh ku kus kv kw ky la lad lb lbe lez lfn
lg li lij lld lmo ln lo lrc lt ltg lv lzh mad mai map-bms mdf mg mh mhr mi min mk ml mn mni mnw
mo mos mr mrj ms mt mus mwl my myv mzn na nah nan nap nds nds-nl ne new ng nia nl nn no nov nqo
nr nrm nso nup nv ny oc olo om or os pa pag pam pap pcd pcm pdc pfl pi pih pl pms pnb pnt ps pt
pwn qu rki rm rmy rn ro roa-rup roa-tara rsk ru rue rup rw sa sah sat sc scn sco sd se sg sgs sh
shi shn si simple sk skr sl sm smn sn so sq sr srn ss st stq su sv sw syl szl szy ta tay tcy tdd
te tet tg th ti tig tk tl tly tn to tpi tr trv ts tt tum tw ty tyv udm ug uk ur uz ve vec vep vi
vls vo vro wa war wo wuu xal xh xmf yi yo yue za zea zgh zh zh-classical zh-min-nan zh-yue zu
""".split()

print("/* Written by wikitext_tables.py. */")
print("#include <stdlib.h>\n")
print('#include "corpus/wikitext_parts.h"\n')
print("static const struct entity {\n    char name[10];\n    uint16_t cp;\n} entities[] = {")
rows = dict(name2codepoint, apos=39)
for name in sorted(rows):
    assert rows[name] < 0x10000 and len(name) < 10
    print('    {"%s", 0x%04X},' % (name, rows[name]))
print("};\n\nstatic const char languages[][14] = {")
line = "   "
for code in sorted(LANGUAGES):
    assert len(code) < 14
    if len(line) + len(code) + 4 > 96:
        print(line)
        line = "   "
    line += ' "%s",' % code
print(line)
print("""};

/* The rows are, or begin with, their names. */
static int by_name(const void *name, const void *row)
{
    return strcmp(name, row);
}

uint32_t wt_entity(const char *name, size_t n)
{
    struct entity key = {.name = ""};
    const struct entity *found;

    if (n >= sizeof key.name)
        return 0;
    memcpy(key.name, name, n);
    found = bsearch(&key, entities, sizeof entities / sizeof *entities, sizeof *entities,
                    by_name);
    return found ? found->cp : 0;
}

bool wt_is_language(const char *word, size_t n)
{
    char key[sizeof *languages] = "";

    if (n < 2 || n >= sizeof key)
        return false;
    memcpy(key, word, n);
    return bsearch(key, languages, sizeof languages / sizeof *languages, sizeof *languages,
                   by_name) != NULL;
}""")
