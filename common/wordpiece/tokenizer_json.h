/* tokenizer_json.h: writes what Hugging Face's tokenizers and transformers read beside a
 * vocabulary. */
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

/**
 * Write tokenizer_config.json and special_tokens_map.json. Beside them and tokenizer.json or
 * vocab.txt, AutoTokenizer loads a BertTokenizer with the same settings. A special token that
 * the vocabulary lacks is null in the first file, so that none is added, and left out of the
 * second. No length is said to be the longest. The caller finds write errors in the file.
 */
void tokenizer_config_write(const struct vocab *v, const struct wordpiece_cfg *cfg, FILE *to);
void special_tokens_map_write(const struct vocab *v, FILE *to);

#endif
