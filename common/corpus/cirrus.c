#include "corpus/cirrus.h"

#include <string.h>

#include "base/json.h"

static int take_text(struct buf *to, const struct json_token *t, struct errbuf *eb)
{
    buf_clear(to);
    if (buf_put(to, t->text, t->len) != RF_OK)
        return err_nomem(eb);
    for (size_t i = 0; i < to->len; i++)
        if ((unsigned char)to->data[i] < ' ' && to->data[i] != '\n')
            to->data[i] = ' ';
    return RF_OK;
}

/* Which of the members that matter were found in a line. */
struct found {
    bool title, text, index;
};

/* Read the member whose key was read. Returns the type of its value or an error. */
static int take_member(struct cirrus_page *p, struct found *f, struct json *j,
                       const struct json_token *key, struct errbuf *eb)
{
    bool title = json_is(key, "title"), text = json_is(key, "text");
    bool index = json_is(key, "index"), space = json_is(key, "namespace");
    struct json_token t;
    int rc;

    if (!title && !text && !space) {
        f->index |= index;
        return json_skip(j, eb);
    }
    if ((rc = json_next(j, &t, eb)) < 0)
        return rc;
    if (space)
        p->other_space = rc == JSON_NUMBER && !json_is(&t, "0") &&
                         !memchr(t.text, '.', t.len) && !memchr(t.text, 'e', t.len);
    if (rc != JSON_STRING)
        return json_skip(j, eb);
    if (title) {
        f->title = t.len > 0;
        return take_text(&p->title, &t, eb);
    }
    f->text |= text;
    return text ? take_text(&p->text, &t, eb) : RF_OK;
}

int cirrus_read(struct cirrus_page *p, const char *s, size_t n, const char *name, uint64_t base,
                struct errbuf *eb)
{
    const struct json_cfg cfg = {.base = base};
    struct found f = {0};
    struct json_token t;
    struct json *j = NULL;
    int rc = json_open_text(&j, s, n, name, &cfg, eb);

    p->other_space = false;
    if (rc == RF_OK && (rc = json_next(j, &t, eb)) > 0 && rc != JSON_OBJECT)
        rc = err_set(eb, RF_EFORMAT, "not a JSON object in '%s', byte %llu", name,
                     (unsigned long long)base);
    while (rc > 0 && (rc = json_next(j, &t, eb)) > 0)
        if (t.type == JSON_KEY && (rc = take_member(p, &f, j, &t, eb)) == RF_OK)
            rc = 1;
    json_close(j);
    p->is_page = f.title || f.text || !f.index;
    if (rc == RF_OK && p->is_page && !(f.title && f.text))
        return err_set(eb, RF_EFORMAT, "a page without a title or text in '%s', byte %llu",
                       name, (unsigned long long)base);
    return rc;
}

void cirrus_page_free(struct cirrus_page *p)
{
    buf_free(&p->title);
    buf_free(&p->text);
    *p = (struct cirrus_page){0};
}
