/* fill_text.h: prints lines of text with [MASK] in them, and the words found for the masks. */
#ifndef WORDPIECE_FILL_TEXT_H
#define WORDPIECE_FILL_TEXT_H

#include "wordpiece/vocab.h"

/** The words for each mask: id[masks,k], the likeliest first, -1: no more; p[masks,k] are their
 * probabilities. */
struct fill_words {
    const struct vocab *vocab;
    size_t masks, k;
    const int32_t *id;
    const float *p;
};

/** Append the line text[len] with each "[MASK]" replaced by its first word. A "##piece" is
 * joined to the text before it. RF_OK or RF_ENOMEM. */
MUST_CHECK int fill_text_line(struct buf *to, const char *text, size_t len,
                              const struct fill_words *w);

/** Append a line of fields for each mask: the `number` of the line, that of the mask (counted
 * from first + 1), then words and probabilities. RF_OK or RF_ENOMEM. */
MUST_CHECK int fill_text_table(struct buf *to, uint64_t number, uint64_t first,
                               const struct fill_words *w);

/** Append the same as a JSON object and a line feed, with the text filled in:
 * {"line":1,"text":"...","masks":[[["word",0.9],...],...]}. RF_OK or RF_ENOMEM. */
MUST_CHECK int fill_text_json(struct buf *to, uint64_t number, const char *text, size_t len,
                              const struct fill_words *w);

#endif
