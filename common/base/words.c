#include "base/words.h"

#include <stdlib.h>
#include <string.h>

int words_split(struct words *words, const char *text, struct errbuf *eb)
{
    char *rest = NULL;

    *words = (struct words){.text = strdup(text)};
    /* of two characters at most one begins a word */
    words->w = calloc(strlen(text) / 2 + 1, sizeof *words->w);
    if (!words->text || !words->w)
        return err_nomem(eb);
    for (char *word = strtok_r(words->text, " ", &rest); word;
         word = strtok_r(NULL, " ", &rest))
        words->w[words->n++] = word;
    return RF_OK;
}

void words_free(struct words *words)
{
    free(words->w);
    free(words->text);
    *words = (struct words){0};
}
