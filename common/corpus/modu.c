#include "corpus/modu.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "corpus/modu_form.h"
#include "corpus/plain.h"

enum { LAYOUT_BYTES = 160 };

enum what { DOCUMENT, PARAGRAPH, UTTERANCE };

/* A paragraph or an utterance, as offsets in doc.held. */
struct item {
    size_t form, form_len, speaker, speaker_len; /* speaker_len 0: the speaker is not known */
    bool utterance;
};

/* A document is held until it closes, because its kind may stand at its end. */
struct doc {
    struct buf held;
    struct item *items;
    size_t n, cap;
    char kind; /* N, W, S, M, E: newspaper, written, spoken, messenger, web; 0: not known */
    struct buf title, topic;
};

struct modu {
    struct text_out *out;
    const struct modu_cfg *cfg;
    struct modu_counts *counts;
    struct progress *progress;
    struct input *in;
    struct json *json;
    struct doc docs[MODU_MAX_NEST];
    struct buf line, lines, scratch;
    char name_kind, file_kind; /* the kind that the file's name says, and that its id says */
    /* Of the JSON value that is read now: */
    uint64_t forms, documents;
    struct buf members, doc_members; /* names of its members, and of those of its first
                                        document, for the message that there is no text */
};

bool modu_may_go_on(int rc)
{
    return rc == RF_EFORMAT || rc == RF_ETRUNC || rc == RF_ERANGE || rc == RF_ECHECK;
}

/* Returns the kind that an id or file name says. It looks like PPPPYYnnnnnnnn, where PPPP is
 * NLRW, SARW or the like. */
static char kind_of(const char *id, size_t n)
{
    if (n < 4 || !strchr("NWSME", id[0]) || id[1] < 'A' || id[1] > 'Z' || id[2] != 'R' ||
        id[3] != 'W')
        return 0;
    return id[0];
}

/* --- writing a document */

static int put_title(struct modu *w, const struct buf *title, struct errbuf *eb)
{
    buf_clear(&w->line);
    if (title->len && plain_put_line(&w->line, title->data, title->len) != RF_OK)
        return err_nomem(eb);
    if (!w->line.len || strcmp(w->line.data, "NA") == 0)
        return text_out_untitled(w->out, eb);
    modu_count_text(w->counts, w->line.data, w->line.len);
    return text_out_line(w->out, w->line.data, w->line.len, eb);
}

/* Add a paragraph. The first one of a newspaper is its headline, which becomes one line. */
static int add_paragraph(struct modu *w, const char *form, size_t n, char kind)
{
    size_t from = w->lines.len;

    w->counts->paragraphs++;
    if (modu_paragraph(&w->lines, form, n, &w->scratch) != RF_OK)
        return RF_ENOMEM;
    if (w->lines.len == from)
        w->counts->empty++;
    for (size_t i = from; kind == 'N' && from == 0 && i + 1 < w->lines.len; i++)
        if (w->lines.data[i] == '\n')
            w->lines.data[i] = ' ';
    return RF_OK;
}

/* Add an utterance. Speech comes in breath groups; those of one speaker that follow each other
 * become one line. */
static int add_utterance(struct modu *w, const char *form, size_t n, char kind, bool goes_on)
{
    w->counts->utterances++;
    buf_clear(&w->line);
    if (modu_utterance(&w->line, form, n, (enum modu_marks)w->cfg->marks, kind != 'M',
                       &w->scratch, &w->counts->marks) != RF_OK)
        return RF_ENOMEM;
    if (!w->line.len) {
        buf_clear(&w->scratch);
        if (plain_put_line(&w->scratch, form, n) != RF_OK)
            return RF_ENOMEM;
        if (w->scratch.len)
            w->counts->only_marks++;
        else
            w->counts->empty++;
        return RF_OK;
    }
    if (goes_on && w->lines.len)
        w->lines.data[w->lines.len - 1] = ' ';
    if (buf_put(&w->lines, w->line.data, w->line.len) != RF_OK)
        return RF_ENOMEM;
    return buf_put(&w->lines, "\n", 1);
}

static bool same_speaker(const struct doc *d, const struct item *a, const struct item *b)
{
    return a && a->speaker_len && a->speaker_len == b->speaker_len &&
           memcmp(d->held.data + a->speaker, d->held.data + b->speaker, a->speaker_len) == 0;
}

static int make_lines(struct modu *w, const struct doc *d, char kind)
{
    const struct item *last = NULL; /* the utterance at the end of the last line */
    int rc = RF_OK;

    buf_clear(&w->lines);
    for (size_t i = 0; rc == RF_OK && i < d->n; i++) {
        const struct item *t = &d->items[i];
        const char *form = t->form_len ? d->held.data + t->form : "";
        size_t before = w->lines.len;

        if (t->utterance)
            rc = add_utterance(w, form, t->form_len, kind,
                               kind != 'M' && same_speaker(d, last, t));
        else
            rc = add_paragraph(w, form, t->form_len, kind);
        if (w->lines.len > before)
            last = t->utterance ? t : NULL;
    }
    return rc;
}

static int put_document(struct modu *w, const struct doc *d, struct errbuf *eb)
{
    char kind = d->kind ? d->kind : w->file_kind ? w->file_kind : w->name_kind;
    int rc = RF_OK;

    w->counts->documents++;
    if (make_lines(w, d, kind) != RF_OK)
        return err_nomem(eb);
    w->counts->nul += plain_count_nul(&d->held) + plain_count_nul(&d->title);
    if (!w->lines.len) {
        w->counts->without_text++;
        return RF_OK;
    }
    if (kind != 'N')
        rc = put_title(w, kind == 'M' ? &d->topic : &d->title, eb);
    modu_count_text(w->counts, w->lines.data, w->lines.len);
    if (rc == RF_OK)
        rc = plain_print(w->out, &w->lines, eb);
    if (w->progress)
        progress_show(w->progress, w->counts->consumed + input_consumed(w->in), NULL);
    return rc == RF_OK ? text_out_line(w->out, "", 0, eb) : rc;
}

/* --- reading one */

static int too_big(const struct modu *w, uint64_t offset, struct errbuf *eb)
{
    return err_set(eb, RF_ERANGE, "document of over %d MiB in '%s', byte %llu",
                   MODU_MAX_BYTES >> 20, input_name(w->in), (unsigned long long)offset);
}

static int hold(struct modu *w, struct doc *d, const struct json_token *t, size_t *at,
                size_t *len, struct errbuf *eb)
{
    if (t->len > MODU_MAX_BYTES - d->held.len)
        return too_big(w, t->offset, eb);
    *at = d->held.len;
    *len = t->len;
    return buf_put(&d->held, t->text, t->len) == RF_OK ? RF_OK : err_nomem(eb);
}

static struct item *add_item(struct doc *d)
{
    if (d->n == d->cap) {
        size_t cap = d->cap ? 2 * d->cap : 64;
        struct item *grown = realloc(d->items, cap * sizeof *grown);

        if (!grown)
            return NULL;
        d->items = grown;
        d->cap = cap;
    }
    d->items[d->n] = (struct item){0};
    return &d->items[d->n++];
}

/* Read the paragraph or utterance whose { was read. */
static int read_item(struct modu *w, struct doc *d, bool utterance, uint64_t offset,
                     struct errbuf *eb)
{
    struct json_token t;
    struct item *item;
    int rc;

    if (d->n >= MODU_MAX_BYTES / sizeof *item)
        return too_big(w, offset, eb);
    if (!(item = add_item(d)))
        return err_nomem(eb);
    item->utterance = utterance;
    while ((rc = json_next(w->json, &t, eb)) == JSON_KEY) {
        bool form = json_is(&t, "form"), speaker = json_is(&t, "speaker_id");

        if (form || speaker)
            rc = json_next(w->json, &t, eb);
        if (form && rc == JSON_STRING) {
            w->forms++;
            rc = hold(w, d, &t, &item->form, &item->form_len, eb);
        } else if (speaker && (rc == JSON_STRING || rc == JSON_NUMBER)) {
            rc = hold(w, d, &t, &item->speaker, &item->speaker_len, eb);
        } else if (rc >= 0) {
            rc = json_skip(w->json, eb);
        }
        if (rc < 0)
            return rc;
    }
    return rc < 0 ? rc : RF_OK;
}

static int read_document(struct modu *w, unsigned level, uint64_t offset, struct errbuf *eb);

/* Read the object whose { was read: a document at `level`, or a part of the document there. */
static int read_object(struct modu *w, unsigned level, enum what what, uint64_t offset,
                       struct errbuf *eb)
{
    if (what == DOCUMENT)
        return read_document(w, level, offset, eb);
    return read_item(w, &w->docs[level], what == UTTERANCE, offset, eb);
}

/* Read what follows a key: an object or an array of objects. Anything else is skipped. */
static int read_objects(struct modu *w, unsigned level, enum what what, struct errbuf *eb)
{
    struct json_token t;
    int rc = json_next(w->json, &t, eb);

    if (rc == JSON_OBJECT)
        return read_object(w, level, what, t.offset, eb);
    if (rc != JSON_ARRAY)
        return rc < 0 ? rc : RF_OK;
    while ((rc = json_next(w->json, &t, eb)) > 0 && rc != JSON_ARRAY_END) {
        rc = rc == JSON_OBJECT ? read_object(w, level, what, t.offset, eb)
                               : json_skip(w->json, eb);
        if (rc < 0)
            return rc;
    }
    return rc < 0 ? rc : RF_OK;
}

static int read_kind(struct modu *w, char *kind, struct errbuf *eb)
{
    struct json_token t;
    int rc = json_next(w->json, &t, eb);

    if (rc == JSON_STRING)
        *kind = kind_of(t.text, t.len);
    return rc < 0 ? rc : json_skip(w->json, eb);
}

static int read_metadata(struct modu *w, struct doc *d, struct errbuf *eb)
{
    struct json_token t;
    int rc = json_next(w->json, &t, eb);

    if (rc != JSON_OBJECT)
        return rc < 0 ? rc : json_skip(w->json, eb);
    while ((rc = json_next(w->json, &t, eb)) == JSON_KEY) {
        if (json_is(&t, "title"))
            rc = json_string(w->json, &d->title, eb);
        else if (json_is(&t, "topic"))
            rc = json_string(w->json, &d->topic, eb);
        else
            rc = json_skip(w->json, eb);
        if (rc < 0)
            return rc;
    }
    return rc < 0 ? rc : RF_OK;
}

/* Remember the name of a member for the message of no_text(). */
static int note_member(struct buf *names, const struct json_token *key)
{
    for (size_t i = 0; i < key->len; i++)
        if ((unsigned char)key->text[i] <= ' ' || key->text[i] == 0x7F)
            return RF_OK;
    if (names->len + key->len + 2 > LAYOUT_BYTES)
        return RF_OK;
    return buf_printf(names, "%s%.*s", names->len ? ", " : "", (int)key->len, key->text);
}

static int read_member(struct modu *w, unsigned level, const struct json_token *key,
                       struct errbuf *eb)
{
    struct doc *d = &w->docs[level];

    if (json_is(key, "paragraph"))
        return read_objects(w, level, PARAGRAPH, eb);
    if (json_is(key, "utterance"))
        return read_objects(w, level, UTTERANCE, eb);
    if (json_is(key, "metadata"))
        return read_metadata(w, d, eb);
    if (json_is(key, "id"))
        return read_kind(w, &d->kind, eb);
    if (json_is(key, "document"))
        return read_objects(w, level + 1, DOCUMENT, eb);
    return json_skip(w->json, eb);
}

static int read_document(struct modu *w, unsigned level, uint64_t offset, struct errbuf *eb)
{
    bool first = w->documents++ == 0;
    uint64_t before = w->documents;
    struct json_token t;
    struct doc *d;
    int rc;

    if (level == MODU_MAX_NEST)
        return err_set(eb, RF_ERANGE,
                       "documents inside each other more than %d deep in '%s', byte %llu",
                       MODU_MAX_NEST, input_name(w->in), (unsigned long long)offset);
    d = &w->docs[level];
    buf_clear(&d->held);
    buf_clear(&d->title);
    buf_clear(&d->topic);
    d->n = 0;
    d->kind = 0;
    while ((rc = json_next(w->json, &t, eb)) == JSON_KEY) {
        if (first && note_member(&w->doc_members, &t) != RF_OK)
            return err_nomem(eb);
        if ((rc = read_member(w, level, &t, eb)) < 0)
            return rc;
    }
    if (rc < 0)
        return rc;
    if (w->documents > before && !d->n) /* it only holds other documents */
        return RF_OK;
    return put_document(w, d, eb);
}

/* --- reading a file */

static int no_text(const struct modu *w, uint64_t offset, struct errbuf *eb)
{
    const struct buf *names = w->documents ? &w->doc_members : &w->members;

    return err_set(eb, RF_EFORMAT, "no text in '%s', byte %llu: %s has %s, and no %s",
                   input_name(w->in), (unsigned long long)offset,
                   w->documents ? "the first document" : "the object",
                   names->len ? names->data : "nothing",
                   w->documents ? "form in a paragraph or utterance" : "document");
}

/* Read the object of one file, whose { was read. */
static int read_corpus(struct modu *w, uint64_t offset, struct errbuf *eb)
{
    bool has_document = false;
    struct json_token t;
    int rc;

    w->forms = w->documents = 0;
    w->file_kind = 0;
    buf_clear(&w->members);
    buf_clear(&w->doc_members);
    while ((rc = json_next(w->json, &t, eb)) == JSON_KEY) {
        if (note_member(&w->members, &t) != RF_OK)
            return err_nomem(eb);
        if (json_is(&t, "document")) {
            has_document = true;
            rc = read_objects(w, 0, DOCUMENT, eb);
        } else if (json_is(&t, "id")) {
            rc = read_kind(w, &w->file_kind, eb);
        } else {
            rc = json_skip(w->json, eb);
        }
        if (rc < 0)
            return rc;
    }
    if (rc < 0)
        return rc;
    w->counts->files++;
    return !w->forms && (w->documents || !has_document) ? no_text(w, offset, eb) : RF_OK;
}

/* Returns what a token is that is no object, for a message. */
static const char *kind_name(int type)
{
    switch (type) {
    case JSON_ARRAY: return "an array";
    case JSON_STRING: return "a string";
    case JSON_NUMBER: return "a number";
    default: return "true, false or null";
    }
}

static int read_all(struct modu *w, struct errbuf *eb)
{
    struct json_token t;
    int rc;

    while ((rc = json_next(w->json, &t, eb)) == JSON_OBJECT)
        if ((rc = read_corpus(w, t.offset, eb)) != RF_OK)
            return rc;
    if (rc > 0)
        return err_set(
            eb, RF_EFORMAT,
            "no text in '%s', byte %llu: found %s, where the object of a file was expected",
            input_name(w->in), (unsigned long long)t.offset, kind_name(rc));
    return rc;
}

static int refuse_csv(const char *name, struct errbuf *eb)
{
    const char *csv = name ? strcasestr(name, ".csv") : NULL;

    if (!csv || (csv[4] && csv[4] != '.'))
        return RF_OK;
    return err_set(
        eb, RF_EFORMAT,
        "'%s' is a CSV file: give the JSON file of the same name, which has the same text",
        name);
}

static int read_file(struct modu *w, const char *name, struct errbuf *eb)
{
    bool is_stdin = !name || strcmp(name, "-") == 0;
    struct json_cfg cfg = {.many = is_stdin, .invalid = w->cfg->invalid};
    const char *slash = name ? strrchr(name, '/') : NULL;
    int rc = input_open(&w->in, name, INPUT_TEXT, eb);

    if (rc == RF_OK)
        rc = json_open(&w->json, w->in, &cfg, eb);
    if (rc != RF_OK)
        return rc;
    if (!is_stdin)
        w->name_kind = kind_of(slash ? slash + 1 : name, strlen(slash ? slash + 1 : name));
    rc = read_all(w, eb);
    w->counts->surrogates += json_lone_surrogates(w->json);
    w->counts->replaced += json_replaced(w->json);
    w->counts->bytes += input_offset(w->in);
    w->counts->consumed += input_consumed(w->in);
    return rc;
}

int modu_text(struct text_out *out, const char *name, const struct modu_cfg *cfg,
              struct modu_counts *counts, struct progress *progress, struct errbuf *eb)
{
    struct modu w = {.out = out, .cfg = cfg, .counts = counts, .progress = progress};
    int rc = refuse_csv(name, eb);

    if (rc == RF_OK)
        rc = read_file(&w, name, eb);
    json_close(w.json);
    input_close(w.in);
    for (int i = 0; i < MODU_MAX_NEST; i++) {
        buf_free(&w.docs[i].held);
        buf_free(&w.docs[i].title);
        buf_free(&w.docs[i].topic);
        free(w.docs[i].items);
    }
    buf_free(&w.line);
    buf_free(&w.lines);
    buf_free(&w.scratch);
    buf_free(&w.members);
    buf_free(&w.doc_members);
    return rc;
}
