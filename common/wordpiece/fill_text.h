/* fill_text.h: lines of text with [MASK] in them, and what was put there. */
#ifndef WORDPIECE_FILL_TEXT_H
#define WORDPIECE_FILL_TEXT_H

#include "wordpiece/vocab.h"

/** What stands for each mask: id[masks,k], likeliest first, -1: no more; p[masks,k]. */
struct fill_words {
    const struct vocab *vocab;
    size_t masks, k;
    const int32_t *id;
    const float *p;
};

/** Append the line text[len] with each "[MASK]" replaced by its first word; "##piece" is joined
 * to what stands before it. RF_OK or RF_ENOMEM. */
MUST_CHECK int fill_text_line(struct buf *to, const char *text, size_t len,
                              const struct fill_words *w);

/** Append for each mask a line of fields: `number` of the line, of the mask, from first + 1 on,
 * then words and probabilities. RF_OK or RF_ENOMEM. */
MUST_CHECK int fill_text_table(struct buf *to, uint64_t number, uint64_t first,
                               const struct fill_words *w);

/** Append the same as a JSON object and a line feed: {"line":1,"text":"...","masks":[[["word",
 * 0.9],...],...]}, the text filled in. RF_OK or RF_ENOMEM. */
MUST_CHECK int fill_text_json(struct buf *to, uint64_t number, const char *text, size_t len,
                              const struct fill_words *w);

#endif
