/* fuzz_config: any settings of a run, key=value, parted by NUL. fuzz: -max_len=256
 * -dict=tests/fuzz/config.dict
 *
 * What is accepted is accepted again from the YAML that a checkpoint keeps of it; what is
 * refused has a line for it, and the numbers that the line says instead can be.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "train/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
    if (!condition)
        abort();
}

static void set_all(struct rf_config *c, char *text, size_t size, struct opt_strings *strings)
{
    for (char *word = text; word < text + size; word += strlen(word) + 1) {
        char *value = strchr(word, '=');
        const struct opt *row;
        struct errbuf eb = {0};

        if (!value)
            continue;
        *value = '\0';
        row = opt_find(rf_config_rows, word);
        *value++ = '=';
        must(!row || opt_set(row, c, value, strings, &eb) == RF_OK ||
             (*eb.text && !strchr(eb.text, '\n')));
        word = value;
    }
}

static void check_yaml(const struct rf_config *c, struct opt_strings *strings)
{
    struct rf_config again = rf_config_default;
    struct buf once = {0};

    must(opt_write_yaml(rf_config_rows, c, &once) == RF_OK);
    must(opt_read_yaml(rf_config_rows, &again, once.data, once.len, "f", strings, NULL) ==
         RF_OK);
    must(rf_config_check(&again, NULL) == RF_OK);
    must(rf_config_same_run(c, &again, NULL) == RF_OK);
    buf_free(&once);
}

/* Refusals of the same kind differ at most in numbers, and in what they say instead. */
static bool same_kind(const char *a, const char *b)
{
    static const char digits[] = "0123456789";

    for (;; a++, b++) {
        a += strspn(a, digits);
        b += strspn(b, digits);
        if (*a != *b)
            return false;
        if (!*a || strncmp(a, ": say ", 6) == 0)
            return true;
    }
}

/* With a value that is said instead, a refusal of another kind follows, or none. */
static void try_value(const struct rf_config *c, const char *key, const char *value,
                      const char *refusal, struct opt_strings *strings)
{
    const struct opt *row = opt_find(rf_config_rows, key);
    struct rf_config other = *c;
    struct errbuf eb = {0};

    must(row != NULL && opt_set(row, &other, value, strings, NULL) == RF_OK);
    must(rf_config_check(&other, &eb) == RF_OK || !same_kind(refusal, eb.text));
}

/* The refusal ends in ": say KEY 2 or 4, or KEY 5", or in values for the key that it begins
 * with. */
static void try_values(const struct rf_config *c, const char *refusal,
                       struct opt_strings *strings)
{
    const char *quote = strrchr(refusal, '\''); /* texts from outside stand before it */
    const char *said = strstr(quote ? quote : refusal, ": say ");
    char *copy = strdup(refusal), *rest = NULL, *key;

    must(copy != NULL);
    key = strtok_r(copy, " ", &rest);
    if (said && !strstr(said, "for the one")) {
        rest = copy + (said - refusal) + strlen(": say ");
        for (char *word; (word = strtok_r(NULL, " ,", &rest));) {
            if (isdigit((unsigned char)*word))
                try_value(c, key, word, refusal, strings);
            else if (strcmp(word, "or") != 0)
                key = word;
        }
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rf_config c = rf_config_default;
    struct opt_strings strings = {0};
    struct errbuf eb = {0};
    char *text = malloc(size + 1);

    must(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    set_all(&c, text, size, &strings);
    if (rf_config_check(&c, &eb) == RF_OK) {
        check_yaml(&c, &strings);
    } else {
        must(*eb.text && !strchr(eb.text, '\n'));
        try_values(&c, eb.text, &strings);
    }
    opt_strings_free(&strings);
    free(text);
    return 0;
}
