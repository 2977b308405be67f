#include "data/examples.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

struct examples {
    const struct examples_cfg *cfg;
    struct lines *lines;
    struct buf member[3]; /* label, text, pair of a JSON line */
};

int examples_open(struct examples **out, char *const *names, int n,
                  const struct examples_cfg *cfg, struct errbuf *eb)
{
    const struct text_cfg plain = {.invalid = cfg->invalid};
    struct examples *e = calloc(1, sizeof *e);
    int rc = e ? lines_open(&e->lines, names, n, &plain, eb) : err_nomem(eb);

    if (rc != RF_OK) {
        examples_close(e);
        return rc;
    }
    e->cfg = cfg;
    *out = e;
    return RF_OK;
}

void examples_close(struct examples *e)
{
    if (!e)
        return;
    lines_close(e->lines);
    for (size_t i = 0; i < 3; i++)
        buf_free(&e->member[i]);
    free(e);
}

const struct lines *examples_lines(const struct examples *e)
{
    return e->lines;
}

static int line_error(const struct examples *e, const char *what, const char *name,
                      struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "'%s', line %llu: %s%s%s%s", lines_name(e->lines),
                   (unsigned long long)lines_number(e->lines), what, name ? " '" : "",
                   name ? name : "", name ? "'" : "");
}

/* --- fields */

/* Take the next field off a line; false: there is none. */
static bool next_field(const char **at, const char *end, const char **field, size_t *len)
{
    const char *tab;

    if (!*at)
        return false;
    tab = memchr(*at, '\t', (size_t)(end - *at));
    *field = *at;
    *len = (size_t)((tab ? tab : end) - *at);
    *at = tab ? tab + 1 : NULL;
    return true;
}

static int take_fields(const struct examples *e, const char *line, size_t len,
                       struct example *x, struct errbuf *eb)
{
    const char *at = line, *end = line + len;

    *x = (struct example){.label = ""};
    if (e->cfg->labelled)
        (void)next_field(&at, end, &x->label, &x->label_len);
    if (!next_field(&at, end, &x->text, &x->text_len))
        return line_error(e, "no tab between a class and a text", NULL, eb);
    (void)next_field(&at, end, &x->pair, &x->pair_len);
    return at ? line_error(e, "more than two texts", NULL, eb) : RF_OK;
}

/* --- JSON lines */

/* Read the value of member `i` as text: a string, or what a number, true or false is written
 * as. null is as if the member were not there. */
static int take_value(struct examples *e, struct json *j, size_t i, const char *name,
                      bool *seen, struct errbuf *eb)
{
    static const char *const words[] = {[JSON_TRUE] = "true", [JSON_FALSE] = "false"};
    struct buf *to = &e->member[i];
    struct json_token t;
    int rc = json_next(j, &t, eb);

    buf_clear(to);
    if (rc < 0)
        return rc;
    *seen = t.type != JSON_NULL;
    if (t.type == JSON_STRING || t.type == JSON_NUMBER)
        rc = buf_put(to, t.text, t.len);
    else if (t.type == JSON_TRUE || t.type == JSON_FALSE)
        rc = buf_put(to, words[t.type], strlen(words[t.type]));
    else if (t.type == JSON_NULL)
        rc = RF_OK;
    else
        return line_error(e, "no text in member", name, eb);
    return rc == RF_OK ? RF_OK : err_nomem(eb);
}

/* Read the members of an object; seen[i] is set for those that are wanted. */
static int take_members(struct examples *e, struct json *j, bool seen[3], struct errbuf *eb)
{
    const char *const names[3] = {e->cfg->label, e->cfg->text, e->cfg->pair};
    struct json_token t;
    int rc = json_next(j, &t, eb);

    if (rc >= 0 && t.type != JSON_OBJECT)
        return line_error(e, "no JSON object", NULL, eb);
    while (rc >= 0 && (rc = json_next(j, &t, eb)) > 0 && t.type == JSON_KEY) {
        size_t i = 0;

        while (i < 3 && !(names[i] && *names[i] && json_is(&t, names[i])))
            i++;
        if (i == 3) {
            rc = json_skip(j, eb);
        } else {
            rc = take_value(e, j, i, names[i], &seen[i], eb);
        }
    }
    return rc < 0 ? rc : json_next(j, &t, eb); /* nothing may follow the object */
}

static int take_object(struct examples *e, const char *line, size_t len, struct example *x,
                       struct errbuf *eb)
{
    const struct json_cfg strict = {.invalid = e->cfg->invalid};
    struct errbuf why = {0};
    struct json *j = NULL;
    bool seen[3] = {false, false, false};
    int rc = json_open_text(&j, line, len, lines_name(e->lines), &strict, eb);

    if (rc != RF_OK)
        return rc;
    rc = take_members(e, j, seen, &why);
    json_close(j);
    if (rc < 0)
        return strncmp(why.text, "'", 1) == 0
                   ? err_set(eb, rc, "%s", why.text)
                   : err_set(eb, rc, "line %llu: %s",
                             (unsigned long long)lines_number(e->lines), why.text);
    if (e->cfg->labelled && !seen[0])
        return line_error(e, "no member", e->cfg->label, eb);
    if (!seen[1])
        return line_error(e, "no member", e->cfg->text, eb);
    *x = (struct example){.label = e->member[0].data ? e->member[0].data : "",
                          .label_len = e->member[0].len,
                          .text = e->member[1].data ? e->member[1].data : "",
                          .text_len = e->member[1].len};
    if (seen[2]) {
        x->pair = e->member[2].data ? e->member[2].data : "";
        x->pair_len = e->member[2].len;
    }
    return RF_OK;
}

int examples_next(struct examples *e, struct example *x, struct errbuf *eb)
{
    const char *line;
    size_t len;
    int rc = lines_next(e->lines, &line, &len, eb);

    if (rc != 1)
        return rc;
    rc = e->cfg->jsonl ? take_object(e, line, len, x, eb) : take_fields(e, line, len, x, eb);
    return rc == RF_OK ? 1 : rc;
}

/* --- sequences */

int example_encode(const struct example *x, struct wordpiece *w,
                   const struct special_ids *special, size_t max_len, struct ids *to,
                   size_t *cut)
{
    size_t start = to->n, specials = x->pair ? 3 : 2, a, b = 0, first;
    size_t room = max_len > specials ? max_len - specials : 0;
    const int32_t ends[] = {special->sep, special->sep};

    *cut = 0;
    if (ids_put(to, &special->cls, 1) != RF_OK ||
        wordpiece_encode(w, to, x->text, x->text_len) != RF_OK)
        return RF_ENOMEM;
    first = a = to->n - start - 1;
    if (x->pair && wordpiece_encode(w, to, x->pair, x->pair_len) != RF_OK)
        return RF_ENOMEM;
    b = to->n - start - 1 - a;
    for (; a + b > room; ++*cut) /* the longer one, of equal ones the second, as BERT does */
        *(a > b ? &a : &b) -= 1;
    if (ids_put(to, ends, 2) != RF_OK)
        return RF_ENOMEM;
    if (x->pair) {
        int32_t *pair = to->ids + start + 1 + a + 1;

        memmove(pair, to->ids + start + 1 + first, b * sizeof *pair);
        pair[b] = special->sep;
    }
    to->ids[start + 1 + a] = special->sep;
    to->n = start + specials + a + b;
    return RF_OK;
}

/* --- classes */

size_t class_number(const char *classes, const char *name, size_t len)
{
    size_t i = 0, n;

    for (const char *p = classes; *p; p += n + 1, i++) {
        n = strcspn(p, "\n");
        if (n == len && memcmp(p, name, n) == 0)
            return i;
    }
    return SIZE_MAX;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sort the lines of `text`, which is not empty. */
static int sort_lines(struct buf *text, struct errbuf *eb)
{
    char *copy = strdup(text->data), **line = calloc(SHARD_CLASSES_MAX, sizeof *line);
    size_t n = 0;
    int rc = copy && line ? RF_OK : err_nomem(eb);

    for (char *p = copy, *end; rc == RF_OK && *p; p = end + 1) {
        end = strchr(p, '\n');
        *end = '\0';
        line[n++] = p;
    }
    if (rc == RF_OK) {
        qsort(line, n, sizeof *line, by_bytes);
        buf_clear(text);
    }
    for (size_t i = 0; i < n && rc == RF_OK; i++)
        rc = buf_printf(text, "%s\n", line[i]) == RF_OK ? RF_OK : err_nomem(eb);
    free(line);
    free(copy);
    return rc;
}

/* Add the class of an example, unless it is there. */
static int add_class(struct buf *to, size_t *n, const struct examples *e,
                     const struct example *x, struct errbuf *eb)
{
    if (class_number(to->data ? to->data : "", x->label, x->label_len) != SIZE_MAX)
        return RF_OK;
    if (!x->label_len)
        return line_error(e, "a class without a name", NULL, eb);
    for (size_t i = 0; i < x->label_len; i++)
        if ((x->label[i] >= 0 && x->label[i] < ' ') || x->label[i] == 0x7F)
            return line_error(e, "a control character in the name of a class", NULL, eb);
    if (++*n > SHARD_CLASSES_MAX || to->len + x->label_len >= SHARD_CLASSES_MAX_BYTES)
        return err_set(eb, RF_ERANGE, "'%s', line %llu: more classes than the %d that may be",
                       lines_name(e->lines), (unsigned long long)lines_number(e->lines),
                       SHARD_CLASSES_MAX);
    return buf_put(to, x->label, x->label_len) == RF_OK && buf_put(to, "\n", 1) == RF_OK
               ? RF_OK
               : err_nomem(eb);
}

int examples_classes(struct buf *to, uint64_t *count, char *const *names, int n,
                     const struct examples_cfg *cfg, struct errbuf *eb)
{
    struct examples *e = NULL;
    struct example x = {0};
    size_t classes = 0;
    int rc = examples_open(&e, names, n, cfg, eb);

    *count = 0;
    while (rc == RF_OK && (rc = examples_next(e, &x, eb)) == 1) {
        rc = add_class(to, &classes, e, &x, eb);
        ++*count;
    }
    if (rc == RF_OK && !classes)
        rc = err_set(eb, RF_EFORMAT, "'%s' has no examples, and so no classes",
                     lines_name(e->lines));
    examples_close(e);
    return rc == RF_OK ? sort_lines(to, eb) : rc;
}

int classes_of_shard(struct buf *to, const char *name, struct errbuf *eb)
{
    struct shard_reader *r = NULL;
    struct input *in = NULL;
    const char *names;
    int rc = input_open(&in, name, INPUT_RAW, eb);

    if (rc == RF_OK)
        rc = shard_reader_open(&r, in, eb);
    if (rc == RF_OK)
        rc = shard_reader_want(r, SHARD_CLASSES, eb);
    if (rc == RF_OK) {
        names = shard_reader_info(r)->classes;
        rc = buf_put(to, names, strlen(names)) == RF_OK ? RF_OK : err_nomem(eb);
    }
    shard_reader_close(r);
    input_close(in);
    return rc;
}

int classes_of_file(struct buf *to, const char *name, struct errbuf *eb)
{
    struct lines *l = NULL;
    const char *line;
    size_t len;
    int rc = lines_open(&l, (char *[]){(char *)(uintptr_t)name}, 1, &(struct text_cfg){0}, eb);

    while (rc == RF_OK && (rc = lines_next(l, &line, &len, eb)) == 1)
        rc = buf_put(to, line, len) == RF_OK && buf_put(to, "\n", 1) == RF_OK ? RF_OK
                                                                              : err_nomem(eb);
    lines_close(l);
    return rc;
}

/* --- a shard */

static int write_example(const struct examples *e, const struct example *x, const char *classes,
                         const struct ids *ids, uint64_t number, struct shard_writer *to,
                         struct errbuf *eb)
{
    static const uint32_t position = 0;
    size_t class = class_number(classes, x->label, x->label_len);
    int32_t label = (int32_t) class;
    const struct shard_record r = {.doc = number,
                                   .ids = ids->ids,
                                   .n_ids = ids->n,
                                   .positions = &position,
                                   .labels = &label,
                                   .n_labels = 1};

    if (class == SIZE_MAX)
        return err_set(eb, RF_EFORMAT, "'%s', line %llu: '%.*s' is none of the classes",
                       lines_name(e->lines), (unsigned long long)lines_number(e->lines),
                       (int)(x->label_len < 100 ? x->label_len : 100), x->label);
    return shard_write(to, &r, eb);
}

int examples_to_shard(struct examples *e, const char *classes, struct wordpiece *w,
                      const struct shard_info *info, struct shard_writer *to,
                      struct examples_totals *t, struct progress *p, struct errbuf *eb)
{
    struct ids ids = {0};
    struct example x = {0};
    size_t cut;
    int rc;

    *t = (struct examples_totals){0};
    while ((rc = examples_next(e, &x, eb)) == 1) {
        ids.n = 0;
        if (example_encode(&x, w, &info->special, info->max_len, &ids, &cut) != RF_OK)
            rc = err_nomem(eb);
        else
            rc = write_example(e, &x, classes, &ids, t->examples, to, eb);
        if (rc != RF_OK)
            break;
        t->examples++;
        t->tokens += ids.n;
        t->cut += cut > 0;
        progress_show(p, lines_consumed(e->lines), NULL);
    }
    free(ids.ids);
    return rc;
}
