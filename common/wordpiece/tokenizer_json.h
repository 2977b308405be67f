/* tokenizer_json.h: writes a vocabulary as a tokenizer.json of Hugging Face's tokenizers. */
#ifndef WORDPIECE_TOKENIZER_JSON_H
#define WORDPIECE_TOKENIZER_JSON_H

#include <stdio.h>

#include "wordpiece/wordpiece.h"

/**
 * Write the file. The tokenizer that it describes gives the same ids as wordpiece.h with this
 * configuration, and puts [CLS] and [SEP] around a text if the vocabulary has both. RF_OK or
 * RF_ENOMEM; the caller finds write errors in the file.
 */
MUST_CHECK int tokenizer_json_write(const struct vocab *v, const struct wordpiece_cfg *cfg,
                                    FILE *to, struct errbuf *eb);

#endif
