#include "wordpiece/simple_word.h"

#include "base/utf8.h"
#include "text/unicode.h"

/* True if something must be done with the code point that is not done here: it becomes another
 * one or vanishes, may begin a special token, or is a letter that Hangul syllables decompose
 * to, which are counted. */
static inline bool is_odd(uint32_t cp, unsigned class, bool compose)
{
    if (compose && cp >= 0x80 && !utf8_is_hangul(cp)) /* it or its neighbours may change */
        return true;
    return (class & ~(unsigned)(UNI_PUNCT | UNI_CJK)) || cp == '[' || cp - 0x1100 < 0x100;
}

bool simple_word_read(struct simple_word *s, const char *text, size_t len, unsigned classes,
                      bool compose)
{
    const char *end = text + len;
    unsigned n = 0;
    uint64_t alone = 0;
    bool odd = false;

    for (; text < end; n++) {
        uint32_t cp;
        unsigned class;

        text += utf8_next(&cp, text);
        class = uni_class(cp) & classes;
        odd |= is_odd(cp, class, compose);
        alone |= (uint64_t)(class != 0) << n;
        s->cp[n] = cp;
    }
    s->alone = alone;
    s->n = odd ? 0 : n;
    return !odd;
}
