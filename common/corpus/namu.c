#include "corpus/namu.h"

#include <string.h>

#include "base/json.h"
#include "corpus/plain.h"

struct namu {
    struct text_out *out;
    struct namu_counts *counts;
    struct namumark *mark;
    struct progress *progress;
    struct input *in;
    struct json *json;
    struct buf title, text, lines;
    bool is_page, is_main; /* it has a title or text; it is in the main namespace */
};

static int not_a_page(const struct namu *w, uint64_t offset, struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "no Namuwiki page in '%s', byte %llu: no title and text",
                   input_name(w->in), (unsigned long long)offset);
}

static int read_namespace(struct namu *w, struct errbuf *eb)
{
    struct json_token t;
    int rc = json_next(w->json, &t, eb);

    if (rc < 0)
        return rc;
    w->is_main = rc == JSON_NULL || (rc == JSON_STRING && (!t.len || json_is(&t, "0"))) ||
                 (rc == JSON_NUMBER && json_is(&t, "0"));
    return json_skip(w->json, eb);
}

static int read_member(struct namu *w, const struct json_token *key, struct errbuf *eb)
{
    if (json_is(key, "namespace"))
        return read_namespace(w, eb);
    if (json_is(key, "title")) {
        w->is_page = true;
        return json_string(w->json, &w->title, eb);
    }
    if (json_is(key, "text")) {
        w->is_page = true;
        return json_string(w->json, &w->text, eb);
    }
    return json_skip(w->json, eb);
}

/* Print the page that was read, or count why it is not printed. U+0000 is removed with the
 * white space. */
static int put_page(struct namu *w, struct errbuf *eb)
{
    int rc;

    w->counts->pages++;
    if (!w->is_main) {
        w->counts->others++;
        return RF_OK;
    }
    if (namumark_is_redirect(w->text.data ? w->text.data : "", w->text.len)) {
        w->counts->redirects++;
        return RF_OK;
    }
    buf_clear(&w->lines);
    if (w->text.len && namumark_plain(w->mark, &w->lines, w->text.data, w->text.len) != RF_OK)
        return err_nomem(eb);
    if (!w->lines.len) {
        w->counts->empty++;
        return RF_OK;
    }
    w->counts->nul += plain_count_nul(&w->text) + plain_count_nul(&w->title);
    buf_clear(&w->text);
    if (plain_put_line(&w->text, w->title.data ? w->title.data : "", w->title.len) != RF_OK)
        return err_nomem(eb);
    rc = w->text.len ? text_out_line(w->out, w->text.data, w->text.len, eb)
                     : text_out_untitled(w->out, eb);
    if (rc == RF_OK)
        rc = plain_print(w->out, &w->lines, eb);
    return rc == RF_OK ? text_out_line(w->out, "", 0, eb) : rc;
}

/* Read the page whose { was read. */
static int read_page(struct namu *w, uint64_t offset, struct errbuf *eb)
{
    struct json_token t;
    int rc;

    buf_clear(&w->title);
    buf_clear(&w->text);
    w->is_page = false;
    w->is_main = true;
    while ((rc = json_next(w->json, &t, eb)) == JSON_KEY)
        if ((rc = read_member(w, &t, eb)) != RF_OK)
            return rc;
    if (rc < 0)
        return rc;
    if (!w->is_page)
        return not_a_page(w, offset, eb);
    if (w->progress)
        progress_show(w->progress, w->counts->consumed + input_consumed(w->in), NULL);
    return put_page(w, eb);
}

static int read_pages(struct namu *w, struct errbuf *eb)
{
    bool in_array = false;
    struct json_token t;
    int rc;

    while ((rc = json_next(w->json, &t, eb)) > 0) {
        if (rc == JSON_OBJECT) {
            if ((rc = read_page(w, t.offset, eb)) != RF_OK)
                return rc;
        } else if (rc == JSON_ARRAY && !in_array) {
            in_array = true;
        } else if (rc == JSON_ARRAY_END) {
            in_array = false;
        } else {
            return not_a_page(w, t.offset, eb);
        }
    }
    return rc;
}

static int read_dump(struct namu *w, const char *name, int invalid, struct errbuf *eb)
{
    struct json_cfg cfg = {.many = true, .invalid = invalid};
    int rc = input_open(&w->in, name, INPUT_TEXT, eb);

    if (rc == RF_OK)
        rc = json_open(&w->json, w->in, &cfg, eb);
    if (rc == RF_OK) {
        rc = read_pages(w, eb);
        w->counts->surrogates += json_lone_surrogates(w->json);
        w->counts->replaced += json_replaced(w->json);
        w->counts->bytes += input_offset(w->in);
        w->counts->consumed += input_consumed(w->in);
    }
    json_close(w->json);
    w->json = NULL;
    input_close(w->in);
    w->in = NULL;
    return rc;
}

int namu_text(struct text_out *out, char *const *names, int n, const struct namu_cfg *cfg,
              struct namu_counts *counts, struct progress *progress, struct errbuf *eb)
{
    struct namu w = {.out = out, .counts = counts, .progress = progress};
    int rc = namumark_new(&w.mark, &cfg->mark);

    if (rc != RF_OK)
        return err_nomem(eb);
    for (int i = 0; rc == RF_OK && i < (n ? n : 1); i++)
        rc = read_dump(&w, n ? names[i] : NULL, cfg->invalid, eb);
    counts->mark = *namumark_counts(w.mark);
    namumark_free(w.mark);
    buf_free(&w.title);
    buf_free(&w.text);
    buf_free(&w.lines);
    return rc;
}
