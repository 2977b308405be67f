/* replay: give each file that is named to a fuzz target: its corpus as a test, with any
 * compiler. */
#include <stdlib.h>
#include <string.h>

#include "base/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct buf text = {0};
        uint8_t *data;

        if (input_slurp(&text, argv[i], INPUT_RAW, (size_t)1 << 30, NULL) != RF_OK)
            return EXIT_FAILURE;
        data =
            malloc(text.len + (text.len == 0)); /* of its own size: reading past it is seen */
        if (!data)
            return EXIT_FAILURE;
        if (text.len)
            memcpy(data, text.data, text.len);
        LLVMFuzzerTestOneInput(data, text.len);
        free(data);
        buf_free(&text);
    }
    return EXIT_SUCCESS;
}
