/* sample_text.h: the text of a sample, as its tokens come; private to sample.c. */
#ifndef RUN_SAMPLE_TEXT_H
#define RUN_SAMPLE_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "wordpiece/wordpiece.h"

/** Text that grows token by token. {0} with `vocab` and `stop` set is empty. */
struct sample_text {
    const struct vocab *vocab;
    const char *stop; /* the text ends before this; NULL or "": nothing ends it */
    struct buf text;  /* what follows the prompt */
    size_t settled;   /* bytes of it that no later token takes back */
    bool ended;       /* `stop` was met */
    struct ids line;  /* tokens of the line in hand */
    struct buf whole; /* the line in hand, that of the prompt included */
};

/** Begin with the last line of a prompt. RF_OK, RF_ENOMEM, wordpiece_decode()'s errors. */
MUST_CHECK int sample_text_begin(struct sample_text *t, const int32_t *ids, size_t n,
                                 struct errbuf *eb);

/** Append a token; `line_end`: it ends the line instead. Errors as above. */
MUST_CHECK int sample_text_put(struct sample_text *t, int32_t id, bool line_end,
                               struct errbuf *eb);

/** No token follows: all of the text is settled. */
void sample_text_end(struct sample_text *t);

void sample_text_free(struct sample_text *t);

#endif
