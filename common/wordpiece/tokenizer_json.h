/* tokenizer_json.h: a vocabulary as the tokenizer.json of Hugging Face's tokenizers. */
#ifndef WORDPIECE_TOKENIZER_JSON_H
#define WORDPIECE_TOKENIZER_JSON_H

#include <stdio.h>

#include "wordpiece/wordpiece.h"

/**
 * Write it: the tokenizer there gives the ids that wordpiece.h gives with this configuration,
 * and puts [CLS] and [SEP] around a text where the vocabulary has both. RF_OK or RF_ENOMEM;
 * write errors stay in the file.
 */
MUST_CHECK int tokenizer_json_write(const struct vocab *v, const struct wordpiece_cfg *cfg,
                                    FILE *to, struct errbuf *eb);

#endif
