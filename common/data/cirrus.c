#include "data/cirrus.h"

#include <jansson.h>
#include <string.h>

static int take_text(struct buf *to, const json_t *value)
{
    const char *s = json_string_value(value);
    size_t n = json_string_length(value);

    buf_clear(to);
    if (buf_put(to, s, n) != RF_OK)
        return RF_ENOMEM;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)to->data[i] < ' ' && to->data[i] != '\n')
            to->data[i] = ' ';
    return RF_OK;
}

static int take_object(struct cirrus_page *p, const json_t *o, struct errbuf *eb)
{
    const json_t *title = json_object_get(o, "title"), *text = json_object_get(o, "text");
    const json_t *ns = json_object_get(o, "namespace");

    p->is_page = title || text || !json_object_get(o, "index");
    if (!p->is_page)
        return RF_OK;
    if (!json_is_string(title) || !json_is_string(text) || json_string_length(title) == 0)
        return err_set(eb, RF_EFORMAT, "a page without a title or text");
    p->other_space = json_is_integer(ns) && json_integer_value(ns) != 0;
    if (take_text(&p->title, title) != RF_OK || take_text(&p->text, text) != RF_OK)
        return err_nomem(eb);
    return RF_OK;
}

int cirrus_read(struct cirrus_page *p, const char *s, size_t n, size_t *at, struct errbuf *eb)
{
    json_error_t why;
    json_t *o = json_loadb(s, n, JSON_ALLOW_NUL, &why);
    int rc;

    *at = 0;
    if (!o) {
        *at = why.position > 0 ? (size_t)why.position : 0;
        return err_set(eb, RF_EFORMAT, "bad JSON: %s", why.text);
    }
    rc = json_is_object(o) ? take_object(p, o, eb)
                           : err_set(eb, RF_EFORMAT, "not a JSON object");
    json_decref(o);
    return rc;
}

void cirrus_page_free(struct cirrus_page *p)
{
    buf_free(&p->title);
    buf_free(&p->text);
    *p = (struct cirrus_page){0};
}
