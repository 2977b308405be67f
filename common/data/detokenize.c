#include "data/detokenize.h"

#include <stdlib.h>
#include <string.h>

#include "base/opt.h"

/* Where decoded lines go, and what decoding them needs. */
struct sink {
    struct text_out *out;
    const struct vocab *vocab;
    const struct detokenize_cfg *cfg;
    struct detokenize_totals *totals;
    struct buf line;
};

static int decode_line(struct sink *s, const int32_t *ids, size_t n, struct errbuf *eb)
{
    int rc;

    buf_clear(&s->line);
    rc = wordpiece_decode(s->vocab, &s->line, ids, n, !s->cfg->keep_special, s->cfg->clean, eb);
    if (rc != RF_OK)
        return rc;
    s->totals->lines++;
    s->totals->tokens += n;
    return text_out_line(s->out, s->line.data ? s->line.data : "", s->line.len, eb);
}

static int end_document(struct sink *s, struct errbuf *eb)
{
    return text_out_line(s->out, "", 0, eb);
}

static int put_document(struct sink *s, const struct shard_record *r, struct errbuf *eb)
{
    const int32_t *ids = r->ids;

    for (size_t i = 0; i < r->n_lens; i++) {
        int rc = decode_line(s, ids, r->lens[i], eb);

        if (rc != RF_OK)
            return rc;
        ids += r->lens[i];
    }
    return end_document(s, eb);
}

int detokenize_shard(struct text_out *to, struct shard_reader *from, const struct vocab *v,
                     const struct detokenize_cfg *cfg, struct detokenize_totals *t,
                     struct progress *p, struct errbuf *eb)
{
    bool documents = shard_reader_info(from)->kind == SHARD_TOKENS;
    struct sink s = {.out = to, .vocab = v, .cfg = cfg, .totals = t};
    struct shard_record r;
    uint64_t doc = 0;
    int rc = RF_OK;

    *t = (struct detokenize_totals){0};
    while (rc == RF_OK && (rc = shard_next(from, &r, eb)) == 1) {
        if (documents) {
            rc = put_document(&s, &r, eb);
        } else {
            rc = t->lines && r.doc != doc ? end_document(&s, eb) : RF_OK;
            if (rc == RF_OK)
                rc = decode_line(&s, r.ids, r.n_ids, eb);
            doc = r.doc;
        }
        if (p)
            progress_show(p, shard_reader_consumed(from), NULL);
    }
    if (rc == RF_OK && !documents && t->lines)
        rc = end_document(&s, eb);
    buf_free(&s.line);
    return rc;
}

static int parse_ids(struct ids *ids, const char *text, const struct lines *l,
                     struct errbuf *eb)
{
    ids->n = 0;
    for (text += strspn(text, " \t"); *text; text += strspn(text, " \t")) {
        size_t len = strcspn(text, " \t");
        char word[24]; /* a number has fewer characters */
        uint64_t n;
        int32_t id;

        snprintf(word, sizeof word, "%.*s", len < sizeof word ? (int)len : 0, text);
        if (opt_parse_u64(&n, word) != RF_OK || n > INT32_MAX)
            return err_set(eb, RF_EFORMAT, "'%.*s' is no id in '%s', line %llu",
                           len < 40 ? (int)len : 40, text, lines_name(l),
                           (unsigned long long)lines_number(l));
        id = (int32_t)n;
        if (ids_put(ids, &id, 1) != RF_OK)
            return err_nomem(eb);
        text += len;
    }
    return RF_OK;
}

int detokenize_lines(struct text_out *to, struct lines *from, const struct vocab *v,
                     const struct detokenize_cfg *cfg, struct detokenize_totals *t,
                     struct progress *p, struct errbuf *eb)
{
    struct sink s = {.out = to, .vocab = v, .cfg = cfg, .totals = t};
    struct ids ids = {0};
    const char *text;
    size_t len;
    int rc = RF_OK;

    *t = (struct detokenize_totals){0};
    while (rc == RF_OK && (rc = lines_next(from, &text, &len, eb)) == 1) {
        if ((rc = parse_ids(&ids, text, from, eb)) == RF_OK)
            rc = decode_line(&s, ids.ids, ids.n, eb);
        if (p)
            progress_show(p, lines_consumed(from), NULL);
    }
    free(ids.ids);
    buf_free(&s.line);
    return rc;
}
