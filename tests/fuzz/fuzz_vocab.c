/* fuzz_vocab: any bytes are refused or are a vocabulary that is whole. fuzz: -max_len=256 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "wordpiece/wordpiece.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
    if (!condition)
        abort();
}

/* Each id has a token, and that token's id is the last line that has it. */
static void check(const struct vocab *v, uint64_t odd)
{
    uint64_t repeated = 0;

    for (size_t i = 0; i < vocab_size(v); i++) {
        size_t len;
        const char *token = vocab_token(v, (int32_t)i, &len);
        int32_t id = vocab_find(v, token, len);

        must(utf8_check(token, len) == len && !memchr(token, '\n', len));
        must(id >= (int32_t)i && (size_t)id < vocab_size(v));
        repeated += id > (int32_t)i;
    }
    must(odd >= repeated);
}

/* What it spells comes from it. */
static void encode(const struct vocab *v, const char *text, size_t len)
{
    const struct wordpiece_cfg plain = {0};
    struct wordpiece *w = NULL;
    struct ids ids = {0};
    int rc = wordpiece_new(&w, v, &plain, NULL);

    must(rc == (vocab_special(v).unk < 0 ? RF_EINVAL : RF_OK));
    if (rc != RF_OK)
        return;
    must(wordpiece_encode(w, &ids, text, len) == RF_OK);
    for (size_t i = 0; i < ids.n; i++)
        must(ids.ids[i] >= 0 && (size_t)ids.ids[i] < vocab_size(v));
    free(ids.ids);
    wordpiece_free(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct vocab *v = NULL;
    uint64_t odd = 0;
    int rc = vocab_parse(&v, text, size, "fuzz", &odd, NULL);

    must((rc == RF_OK) == (size > 0 && utf8_check(text, size) == size));
    if (rc == RF_OK) {
        check(v, odd);
        encode(v, text, size);
    }
    vocab_free(v);
    return 0;
}
