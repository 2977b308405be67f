#include "wordpiece/wpreport.h"

#include <stdlib.h>

struct sums {
    uint64_t words, distinct, unknown, unknown_distinct;
    double tokens; /* a double, because there may be more than 2^64 */
};

/* Encode all words. They are already normal, so the encoder has no flag set. */
static int encode_words(struct sums *s, struct wordpiece *w, struct word_counts *words,
                        struct errbuf *eb)
{
    struct ids ids = {0};
    const char *word;
    uint64_t count;
    size_t len;
    int rc = word_counts_rewind(words, WORDS_ANY_ORDER, eb);

    while (rc == RF_OK && (rc = word_counts_next(words, &word, &len, &count, eb)) == 1) {
        uint64_t unknown = wordpiece_unknown(w);

        ids.n = 0;
        rc = wordpiece_encode(w, &ids, word, len);
        if (rc != RF_OK)
            rc = err_nomem(eb);
        unknown = wordpiece_unknown(w) - unknown;
        s->distinct++;
        s->words += count;
        s->tokens += (double)ids.n * (double)count;
        s->unknown_distinct += unknown > 0;
        s->unknown += unknown ? count : 0;
    }
    free(ids.ids);
    return rc;
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static void put_count(FILE *to, const char *what, uint64_t n)
{
    fprintf(to, "%s\t%llu\n", what, (unsigned long long)n);
}

int wpreport_write(const struct vocab *v, struct word_counts *words,
                   const struct wptrain_alphabet *alphabet, FILE *to, struct errbuf *eb)
{
    const struct wordpiece_cfg plain = {0};
    struct wordpiece *w = NULL;
    struct sums s = {0};
    int rc = wordpiece_new(&w, v, &plain, eb);

    if (rc == RF_OK)
        rc = encode_words(&s, w, words, eb);
    wordpiece_free(w);
    if (rc != RF_OK)
        return rc;
    put_count(to, "words", s.words);
    put_count(to, "words, distinct", s.distinct);
    put_count(to, "unknown words", s.unknown);
    put_count(to, "unknown words, distinct", s.unknown_distinct);
    fprintf(to, "unknown share\t%.6f\n", share((double)s.unknown, (double)s.words));
    fprintf(to, "tokens a word\t%.4f\n", share(s.tokens, (double)s.words));
    put_count(to, "characters", alphabet->all);
    put_count(to, "characters, distinct", alphabet->seen);
    put_count(to, "characters lost", alphabet->lost);
    put_count(to, "characters lost, distinct", alphabet->seen - alphabet->kept);
    fprintf(to, "lost share\t%.6f\n", share((double)alphabet->lost, (double)alphabet->all));
    return RF_OK;
}
