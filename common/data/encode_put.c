/* encode_put.c: writes encoded lines into a shard or as text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_put.h"
#include "base/words.h"
#include "data/encode.h"

/* The state between the pieces of a line and between lines. */
struct state {
    struct encoder *e;
    const struct encode_cfg *cfg;
    struct encode_totals *t;
    bool *inside; /* for each id: it goes on with a word; NULL: words are not limited */
    uint64_t tokens, words; /* in the line so far */
    bool in_doc;
};

/* Begin. A token that starts with ## goes on with a word; every other token begins one. No word
 * starts with ## itself, because # is punctuation. */
static int begin_encoding(struct state *s, struct encoder *e, const struct encode_cfg *cfg,
                          struct encode_totals *t, struct errbuf *eb)
{
    size_t n = vocab_size(encoder_vocab(e));

    *s = (struct state){.e = e, .cfg = cfg, .t = t};
    *t = (struct encode_totals){0};
    if (!cfg->max_words)
        return RF_OK;
    if (!(s->inside = malloc(n)))
        return err_nomem(eb);
    for (size_t i = 0; i < n; i++)
        s->inside[i] = strncmp(vocab_token(encoder_vocab(e), (int32_t)i, NULL), "##", 2) == 0;
    return RF_OK;
}

/* Leave out what is past the number of words that a line may have. */
static void limit(struct state *s, struct encoded *line)
{
    size_t keep = line->n;

    for (size_t i = 0; i < line->n; i++) {
        bool begins = !s->inside[line->ids[i]];

        s->words += begins;
        if (s->words > s->cfg->max_words) {
            keep = i < keep ? i : keep;
            s->t->cut += begins;
        }
    }
    line->n = keep;
}

/* Count a piece of a line. True if the line has a token so far, so that it is a sentence. */
static bool take_piece(struct state *s, struct encoded *line)
{
    if (s->inside)
        limit(s, line);
    if (line->n && !s->tokens) {
        s->t->sentences++;
        s->t->documents += !s->in_doc;
        s->in_doc = true;
    }
    s->t->tokens += line->n;
    s->tokens += line->n;
    return s->tokens > 0;
}

/* End a line behind its last piece. */
static void end_line(struct state *s)
{
    s->in_doc = s->tokens > 0;
    s->tokens = s->words = 0;
}

/* End. Words are counted when no thread encodes any more. */
static void end_encoding(struct state *s)
{
    encoder_stop(s->e, s->t);
    free(s->inside);
}

/* The document that is being read. Its last sentence may be incomplete. */
struct doc {
    struct ids ids;
    uint32_t *lens;
    size_t n_lens, cap_lens;
    uint64_t number;
};

static int begin_sentence(struct doc *d, struct errbuf *eb)
{
    if (d->n_lens == d->cap_lens) {
        size_t cap = d->cap_lens ? 2 * d->cap_lens : 256;
        uint32_t *lens = realloc(d->lens, cap * sizeof *lens);

        if (!lens)
            return err_nomem(eb);
        d->lens = lens;
        d->cap_lens = cap;
    }
    d->lens[d->n_lens++] = 0;
    return RF_OK;
}

/* Write what was collected of the document as a record. */
static int put_doc(struct doc *d, struct shard_writer *to, struct errbuf *eb)
{
    struct shard_record r = {.doc = d->number,
                             .ids = d->ids.ids,
                             .n_ids = d->ids.n,
                             .lens = d->lens,
                             .n_lens = d->n_lens};

    d->ids.n = d->n_lens = 0;
    return r.n_lens ? shard_write(to, &r, eb) : RF_OK;
}

/* Add a piece of a sentence. If the document gets too large, write its record on the way. */
static int add_ids(struct doc *d, const int32_t *ids, size_t n, bool begins,
                   struct shard_writer *to, struct errbuf *eb)
{
    int rc = begins ? begin_sentence(d, eb) : RF_OK;

    while (rc == RF_OK && n) {
        size_t room = ENCODE_DOC_TOKENS - d->ids.n, some = n < room ? n : room;

        if (!room) {
            if (d->lens[d->n_lens - 1] == 0)
                d->n_lens--; /* it begins in the next record */
            if ((rc = put_doc(d, to, eb)) == RF_OK)
                rc = begin_sentence(d, eb);
            continue;
        }
        if (ids_put(&d->ids, ids, some) != RF_OK)
            return err_nomem(eb);
        d->lens[d->n_lens - 1] += (uint32_t)some;
        ids += some;
        n -= some;
    }
    return rc;
}

int encode_to_shard(struct encoder *e, struct shard_writer *to, const struct encode_cfg *cfg,
                    struct encode_totals *t, struct progress *p, struct errbuf *eb)
{
    struct encoded line = {0};
    struct doc d = {0};
    struct state s;
    int rc = begin_encoding(&s, e, cfg, t, eb);

    while (rc == RF_OK && (rc = encoder_next(e, &line, eb)) == 1) {
        bool begins = s.tokens == 0, sentence = take_piece(&s, &line);

        rc = RF_OK;
        if (line.n)
            rc = add_ids(&d, line.ids, line.n, begins, to, eb);
        if (line.more)
            continue;
        end_line(&s);
        if (sentence || rc != RF_OK)
            continue;
        rc = put_doc(&d, to, eb);
        d.number = t->documents;
        if (p)
            progress_show(p, encoder_consumed(e), NULL);
    }
    if (rc == RF_OK)
        rc = put_doc(&d, to, eb);
    end_encoding(&s);
    free(d.ids.ids);
    free(d.lens);
    return rc;
}

static int put_token(struct buf *line, const struct encoder *e, int form, int32_t id)
{
    const char *token;
    size_t len;

    if (form == ENCODE_IDS)
        return buf_put_uint(line, (uint64_t)id);
    token = vocab_token(encoder_vocab(e), id, &len);
    return buf_put(line, token, len);
}

static int put_plain(struct buf *to, const struct state *s, const struct encoded *line,
                     bool begins)
{
    const struct special_ids special = vocab_special(encoder_vocab(s->e));
    int form = s->cfg->form, rc = RF_OK;
    bool ends = s->cfg->cls_sep && !line->more && s->tokens;

    if (line->n && begins && s->cfg->cls_sep) {
        rc = put_token(to, s->e, form, special.cls);
        begins = false;
    }
    for (size_t i = 0; rc == RF_OK && i < line->n; i++) {
        if ((i || !begins) && buf_put(to, " ", 1) != RF_OK)
            return RF_ENOMEM;
        rc = put_token(to, s->e, form, line->ids[i]);
    }
    if (rc == RF_OK && ends && (rc = buf_put(to, " ", 1)) == RF_OK)
        rc = put_token(to, s->e, form, special.sep);
    return rc == RF_OK && !line->more ? buf_put(to, "\n", 1) : rc;
}

enum json_list { JSON_IDS, JSON_PIECES, JSON_OFFSETS };

static int put_item(struct buf *to, const struct vocab *v, int32_t id, struct span span,
                    enum json_list list)
{
    size_t len;
    const char *token;

    if (list == JSON_IDS)
        return buf_put_uint(to, (uint64_t)id);
    if (list == JSON_OFFSETS)
        return buf_printf(to, "[%u,%u]", span.a, span.b);
    token = vocab_token(v, id, &len);
    return json_put_string(to, token, len, JSON_CODES);
}

static int put_list(struct buf *to, const struct state *s, const struct encoded *line,
                    enum json_list list)
{
    static const char *const names[] = {"{\"ids\":[", "],\"pieces\":[", "],\"offsets\":["};
    const struct special_ids special = vocab_special(encoder_vocab(s->e));
    const struct vocab *v = encoder_vocab(s->e);
    const struct span nowhere = {0, 0};
    bool marks = s->cfg->cls_sep && line->n;
    int rc = buf_put(to, names[list], strlen(names[list]));

    if (rc == RF_OK && marks)
        rc = put_item(to, v, special.cls, nowhere, list);
    for (size_t i = 0; rc == RF_OK && i < line->n; i++) {
        if (i || marks)
            rc = buf_put(to, ",", 1);
        if (rc == RF_OK)
            rc = put_item(to, v, line->ids[i], line->spans ? line->spans[i] : nowhere, list);
    }
    if (rc == RF_OK && marks && (rc = buf_put(to, ",", 1)) == RF_OK)
        rc = put_item(to, v, special.sep, nowhere, list);
    return rc;
}

static int put_json(struct buf *to, const struct state *s, const struct encoded *line)
{
    int rc = put_list(to, s, line, JSON_IDS);

    if (rc == RF_OK)
        rc = put_list(to, s, line, JSON_PIECES);
    if (rc == RF_OK)
        rc = put_list(to, s, line, JSON_OFFSETS);
    return rc == RF_OK ? buf_put(to, "]}\n", 3) : rc;
}

static int check_marks(const struct encoder *e, struct errbuf *eb)
{
    const struct special_ids special = vocab_special(encoder_vocab(e));

    if (special.cls < 0 || special.sep < 0)
        return err_set(eb, RF_EINVAL, "the vocabulary has no %s",
                       special.cls < 0 ? "[CLS]" : "[SEP]");
    return RF_OK;
}

int encode_to_text(struct encoder *e, FILE *to, const struct encode_cfg *cfg,
                   struct encode_totals *t, struct progress *p, struct errbuf *eb)
{
    struct encoded line = {0};
    struct buf text = {0};
    struct state s;
    int rc = begin_encoding(&s, e, cfg, t, eb);

    if (rc == RF_OK && cfg->cls_sep)
        rc = check_marks(e, eb);
    while (rc == RF_OK && (rc = encoder_next(e, &line, eb)) == 1) {
        bool begins = s.tokens == 0, sentence = take_piece(&s, &line);

        buf_clear(&text);
        rc = cfg->form == ENCODE_JSON ? put_json(&text, &s, &line)
                                      : put_plain(&text, &s, &line, begins);
        if (rc != RF_OK)
            rc = err_nomem(eb);
        else if (text.len && fwrite(text.data, 1, text.len, to) != text.len)
            rc = err_set(eb, RF_EIO, "cannot write: %s", strerror(errno));
        if (line.more)
            continue;
        end_line(&s);
        if (p && !sentence)
            progress_show(p, encoder_consumed(e), NULL);
    }
    end_encoding(&s);
    buf_free(&text);
    return rc;
}

int encode_summary(struct buf *to, const struct encode_totals *t, uint64_t replaced)
{
    int rc = buf_printf(
        to, "%llu %s, %llu %s, %llu %s (%.3f %% unknown), %llu %s",
        (unsigned long long)t->documents, plural(t->documents, "document", "documents"),
        (unsigned long long)t->sentences, plural(t->sentences, "sentence", "sentences"),
        (unsigned long long)t->words, plural(t->words, "word", "words"),
        t->words ? 100.0 * (double)t->unknown / (double)t->words : 0.0,
        (unsigned long long)t->tokens, plural(t->tokens, "token", "tokens"));

    if (rc == RF_OK && t->cut)
        rc = buf_printf(to, ", %llu %s left out", (unsigned long long)t->cut,
                        plural(t->cut, "word", "words"));
    if (rc == RF_OK && replaced)
        rc = buf_printf(to, ", %llu bad %s replaced", (unsigned long long)replaced,
                        plural(replaced, "byte", "bytes"));
    return rc;
}
