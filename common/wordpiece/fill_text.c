#include "wordpiece/fill_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_put.h"

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

/* Probabilities have six decimals. Further ones are noise, and differ between processors. */
static int put_words(struct buf *to, const struct fill_words *w, size_t mask)
{
    const char *sep = "[";

    for (size_t j = mask * w->k; j < (mask + 1) * w->k && w->id[j] >= 0; j++, sep = ",") {
        const char *word = vocab_token(w->vocab, w->id[j], NULL);

        if (buf_printf(to, "%s[", sep) != RF_OK ||
            json_put_string(to, word, strlen(word), JSON_LETTERS) != RF_OK ||
            buf_put(to, ",", 1) != RF_OK ||
            json_put_real(to, round(1e6 * (double)w->p[j]) / 1e6, 6) != RF_OK ||
            buf_put(to, "]", 1) != RF_OK)
            return RF_ENOMEM;
    }
    return buf_printf(to, "%s]", *sep == '[' ? sep : "");
}

static int put_masks(struct buf *to, const struct fill_words *w)
{
    for (size_t i = 0; i < w->masks; i++)
        if ((i && buf_put(to, ",", 1) != RF_OK) || put_words(to, w, i) != RF_OK)
            return RF_ENOMEM;
    return RF_OK;
}

int fill_text_json(struct buf *to, uint64_t number, const char *text, size_t len,
                   const struct fill_words *w)
{
    struct buf line = {0};
    int rc = fill_text_line(&line, text, len, w);

    if (rc == RF_OK &&
        (buf_printf(to, "{\"line\":%llu,\"text\":", (unsigned long long)number) != RF_OK ||
         json_put_string(to, line.data, line.len, JSON_LETTERS) != RF_OK ||
         buf_printf(to, ",\"masks\":[") != RF_OK || put_masks(to, w) != RF_OK ||
         buf_put(to, "]}\n", 3) != RF_OK))
        rc = RF_ENOMEM;
    buf_free(&line);
    return rc;
}
