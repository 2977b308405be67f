/* fuzz_state: text as the state of a checkpoint. fuzz: -max_len=1024
 *
 * What is accepted is written and read again: both times the same state.
 */
#include <stdlib.h>
#include <string.h>

#include "reformer/checkpoint_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = {0}, first = {0}, second = {0};
    struct ckpt_state s, again;

    must(buf_put(&text, data, size) == RF_OK);
    if (ckpt_parse_state(&s, &text, "state", NULL) == RF_OK) {
        must(ckpt_format_state(&first, &s) == RF_OK);
        must(ckpt_parse_state(&again, &first, "state", NULL) == RF_OK);
        must(ckpt_format_state(&second, &again) == RF_OK);
        must(strcmp(first.data, second.data) == 0);
    }
    buf_free(&text);
    buf_free(&first);
    buf_free(&second);
    return 0;
}
