/* fuzz_state: text as the state of a checkpoint. fuzz: -max_len=1024
 *
 * What is accepted is written and read again: both times the same state. Its ids are of its
 * vocabulary.
 */
#include <stdlib.h>
#include <string.h>

#include "ckpt/checkpoint_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
    if (!condition)
        abort();
}

static void must_be_of(uint64_t vocab_size, int32_t id)
{
    must(id == -1 || (id >= 0 && (uint64_t)id < vocab_size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = {0}, first = {0}, second = {0};
    struct opt_strings keep = {0};
    struct ckpt_state s, again;

    must(buf_put(&text, data, size) == RF_OK);
    if (ckpt_parse_state(&s, &keep, &text, "state", NULL) == RF_OK) {
        must_be_of(s.vocab_size, s.special.mask);
        must_be_of(s.vocab_size, s.special.pad);
        must_be_of(s.vocab_size, s.special.unk);
        must_be_of(s.vocab_size, s.special.cls);
        must_be_of(s.vocab_size, s.special.sep);
        must(ckpt_format_state(&first, &s) == RF_OK);
        must(ckpt_parse_state(&again, &keep, &first, "state", NULL) == RF_OK);
        must(ckpt_format_state(&second, &again) == RF_OK);
        must(strcmp(first.data, second.data) == 0);
    }
    opt_strings_free(&keep);
    buf_free(&text);
    buf_free(&first);
    buf_free(&second);
    return 0;
}
