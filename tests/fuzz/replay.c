/* replay: give each file that is named to a fuzz target, or each member of it if it is an
 * archive of ar(1), "NAME.a": a corpus as a test, with any compiler. In the end a line
 * "N inputs" says how many there were. */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = 60, SIZE_AT = 48, MAGIC_AT = 58 }; /* ar(5): text in columns, blanks behind */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read the next `size` bytes of f, and give them if they are an input. False: they are not
 * there. */
static bool take(FILE *f, size_t size, bool is_input)
{
    uint8_t *data = malloc(size + (size == 0)); /* of its own size: reading past it is seen */
    bool whole = data && fread(data, 1, size, f) == size;

    if (whole && is_input)
        LLVMFuzzerTestOneInput(data, size);
    free(data);
    return whole;
}

static bool give_file(FILE *f, size_t *inputs)
{
    long size = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;

    rewind(f);
    ++*inputs;
    return size >= 0 && take(f, (size_t)size, true);
}

static bool give_archive(FILE *f, size_t *inputs)
{
    char head[HEADER + 1] = "";
    size_t got = fread(head, 1, 8, f);

    if (got != 8 || memcmp(head, "!<arch>\n", 8) != 0)
        return false;
    while ((got = fread(head, 1, HEADER, f)) == HEADER) {
        size_t size = strtoul(head + SIZE_AT, NULL, 10);
        bool table = head[0] == '/' && !isdigit((unsigned char)head[1]); /* no file: names */

        if (memcmp(head + MAGIC_AT, "`\n", 2) != 0 || !take(f, size, !table))
            return false;
        *inputs += !table;
        if (size % 2 && fgetc(f) == EOF) /* each begins at an even place */
            return false;
    }
    return got == 0 && !ferror(f);
}

int main(int argc, char **argv)
{
    size_t inputs = 0;

    for (int i = 1; i < argc; i++) {
        const char *end = strrchr(argv[i], '.');
        bool archive = end && strcmp(end, ".a") == 0;
        FILE *f = fopen(argv[i], "rb");

        if (!f || !(archive ? give_archive : give_file)(f, &inputs)) {
            dprintf(STDERR_FILENO, "replay: cannot read '%s'\n", argv[i]);
            return EXIT_FAILURE;
        }
        fclose(f);
    }
    dprintf(STDOUT_FILENO, "%zu inputs\n", inputs); /* stdout may be closed: fuzz_opt's is */
    return EXIT_SUCCESS;
}
