/* special.h: the tokens of a vocabulary that stand for no piece of text. */
#ifndef BASE_SPECIAL_H
#define BASE_SPECIAL_H

#include <stdbool.h>
#include <stdint.h>

/** The ids of the special tokens; -1 if the vocabulary has no such token. */
struct special_ids {
    int32_t pad, unk, cls, sep, mask;
};

/** True if `id` is that of a special token. `id` must not be negative. */
static inline bool special_has(const struct special_ids *s, int32_t id)
{
    return id == s->pad || id == s->unk || id == s->cls || id == s->sep || id == s->mask;
}

#endif
