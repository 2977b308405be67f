#include "wordpiece/fill_text.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char mask_text[] = "[MASK]";

int fill_text_line(struct buf *to, const char *text, size_t len, const struct fill_words *w)
{
    const char *end = text + len;
    size_t before = to->len;

    for (size_t i = 0; i < w->masks; i++) {
        const char *at = memmem(text, (size_t)(end - text), mask_text, strlen(mask_text)),
                   *word;
        size_t n;

        if (!at || w->id[i * w->k] < 0)
            break;
        word = vocab_token(w->vocab, w->id[i * w->k], &n);
        if (buf_put(to, text, (size_t)(at - text)) != RF_OK)
            return RF_ENOMEM;
        if (n > 2 && strncmp(word, "##", 2) == 0) {
            while (to->len > before && to->data[to->len - 1] == ' ')
                to->len--;
            word += 2;
        }
        if (buf_put(to, word, strlen(word)) != RF_OK)
            return RF_ENOMEM;
        text = at + strlen(mask_text);
    }
    return buf_put(to, text, (size_t)(end - text));
}

int fill_text_table(struct buf *to, uint64_t number, uint64_t first, const struct fill_words *w)
{
    for (size_t i = 0; i < w->masks; i++) {
        if (buf_printf(to, "%llu\t%llu", (unsigned long long)number,
                       (unsigned long long)(first + i + 1)) != RF_OK)
            return RF_ENOMEM;
        for (size_t j = i * w->k; j < (i + 1) * w->k && w->id[j] >= 0; j++)
            if (buf_printf(to, "\t%s\t%.4f", vocab_token(w->vocab, w->id[j], NULL),
                           (double)w->p[j]) != RF_OK)
                return RF_ENOMEM;
        if (buf_put(to, "\n", 1) != RF_OK)
            return RF_ENOMEM;
    }
    return RF_OK;
}

/* Six decimals: more are noise, and differ between processors. */
static json_t *words_of(const struct fill_words *w, size_t mask)
{
    json_t *words = json_array();

    for (size_t j = mask * w->k; j < (mask + 1) * w->k && w->id[j] >= 0; j++)
        json_array_append_new(words, json_pack("[s,f]", vocab_token(w->vocab, w->id[j], NULL),
                                               round(1e6 * (double)w->p[j]) / 1e6));
    return words;
}

int fill_text_json(struct buf *to, uint64_t number, const char *text, size_t len,
                   const struct fill_words *w)
{
    struct buf line = {0};
    json_t *masks = json_array(), *object = NULL;
    char *dump = NULL;
    int rc = buf_reserve(&line, 1);

    if (rc == RF_OK)
        rc = fill_text_line(&line, text, len, w);
    for (size_t i = 0; i < w->masks; i++)
        json_array_append_new(masks, words_of(w, i));
    if (rc == RF_OK)
        object = json_pack("{s:I,s:s%,s:O}", "line", (json_int_t)number, "text", line.data,
                           line.len, "masks", masks);
    if (object)
        dump = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(6));
    rc = dump ? buf_printf(to, "%s\n", dump) : RF_ENOMEM;
    free(dump);
    json_decref(object);
    json_decref(masks);
    buf_free(&line);
    return rc;
}
