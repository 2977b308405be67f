/* opt_yaml.c: reads rf-config(5). It uses libyaml's events, not its document loader, so nothing
 * is built that a hostile file could make huge. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/opt.h"

enum { PATH_MAX_BYTES = 256 };

struct reader {
    const struct opt *table;
    void *cfg;
    const char *name;
    struct opt_strings *keep;
    struct errbuf *eb;
    bool *seen; /* one for each row */
    int depth;  /* 1: the document's mapping, 2: a section */
    char section[PATH_MAX_BYTES], key[PATH_MAX_BYTES];
    bool have_key;
};

/* Refuse what the event holds. `hint` comes last in the message. */
static int refuse_with(struct reader *r, const yaml_event_t *e, const char *what,
                       const char *object, const char *hint)
{
    return err_set(r->eb, RF_EUSAGE, "%s%s%s%s in '%s', line %zu%s", what, object ? " '" : "",
                   object ? object : "", object ? "'" : "", r->name, e->start_mark.line + 1,
                   hint);
}

static int refuse(struct reader *r, const yaml_event_t *e, const char *what, const char *object)
{
    return refuse_with(r, e, what, object, "");
}

static int take_value(struct reader *r, const yaml_event_t *e, const char *text)
{
    char path[2 * PATH_MAX_BYTES], hint[NEAREST_HINT_BYTES];
    struct errbuf why = {0};
    const struct opt *row;
    int rc;

    snprintf(path, sizeof path, "%s%s%s", r->section, *r->section ? "." : "", r->key);
    /* A key with a dot is refused, so that there is one way to say it. */
    row = strchr(r->key, '.') ? NULL : opt_find(r->table, path);
    if (!row || (row->flags & OPT_ONCE))
        return refuse_with(r, e, "unknown key", path, opt_hint(hint, r->table, path));
    if (r->seen[row - r->table])
        return refuse(r, e, "repeated key", path);
    r->seen[row - r->table] = true;
    r->have_key = false;
    rc = opt_set(row, r->cfg, text, r->keep, &why);
    if (rc == RF_ENOMEM)
        return err_nomem(r->eb);
    return rc == RF_OK ? rc : refuse(r, e, why.text, NULL);
}

static int take_scalar(struct reader *r, const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;

    if (e->data.scalar.anchor)
        return refuse(r, e, "an anchor", NULL);
    if (strlen(text) != e->data.scalar.length)
        return refuse(r, e, "a NUL byte", NULL);
    if (r->depth == 0)
        return *text ? refuse(r, e, "no keys but a bare value", text) : RF_OK;
    if (r->have_key)
        return take_value(r, e, text);
    if (strlen(text) >= PATH_MAX_BYTES)
        return refuse(r, e, "a key that is too long", NULL);
    snprintf(r->key, sizeof r->key, "%s", text);
    r->have_key = true;
    return RF_OK;
}

/* True if there is a section of this name. *repeated: it had keys already. */
static bool is_section(const struct reader *r, const char *key, bool *repeated)
{
    size_t n = strlen(key);
    bool found = false;

    *repeated = false;
    for (size_t i = 0; r->table[i].type != OPT_TYPE_END; i++)
        if (strncmp(r->table[i].name, key, n) == 0 && r->table[i].name[n] == '.') {
            found = true;
            *repeated = *repeated || r->seen[i];
        }
    return found;
}

static int refuse_section(struct reader *r, const yaml_event_t *e)
{
    char section[PATH_MAX_BYTES], hint[NEAREST_HINT_BYTES];
    struct nearest near = {.typed = r->key};

    for (const struct opt *o = r->table; o->type != OPT_TYPE_END; o++) {
        size_t n = strcspn(o->name, ".");

        if (!o->name[n] || n >= sizeof section)
            continue;
        memcpy(section, o->name, n);
        section[n] = '\0';
        nearest_offer(&near, section);
    }
    return refuse_with(r, e, "unknown section", r->key, nearest_hint(hint, &near, ""));
}

static int take_mapping(struct reader *r, const yaml_event_t *e)
{
    bool repeated;

    if (e->data.mapping_start.anchor)
        return refuse(r, e, "an anchor", NULL);
    if (++r->depth == 1)
        return RF_OK;
    if (!r->have_key)
        return refuse(r, e, "a mapping as a key", NULL);
    if (r->depth > 2 || !is_section(r, r->key, &repeated))
        return refuse_section(r, e);
    if (repeated)
        return refuse(r, e, "repeated section", r->key);
    memcpy(r->section, r->key, sizeof r->section);
    r->have_key = false;
    return RF_OK;
}

static int take_event(struct reader *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT: return take_scalar(r, e);
    case YAML_MAPPING_START_EVENT: return take_mapping(r, e);
    case YAML_MAPPING_END_EVENT:
        r->depth--;
        r->section[0] = '\0';
        return RF_OK;
    case YAML_SEQUENCE_START_EVENT: return refuse(r, e, "a list", NULL);
    case YAML_ALIAS_EVENT: return refuse(r, e, "an alias", NULL);
    default: return RF_OK;
    }
}

/* Say why the parser stopped. It may be the library's own lack of memory, which tells nothing
 * about the text. */
static int bad_yaml(const struct reader *r, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return err_nomem(r->eb);
    return err_set(r->eb, RF_EUSAGE, "bad YAML in '%s', line %zu: %s", r->name,
                   parser->problem_mark.line + 1, parser->problem ? parser->problem : "?");
}

static int read_events(struct reader *r, yaml_parser_t *parser)
{
    bool done = false;
    int documents = 0, rc = RF_OK;

    while (rc == RF_OK && !done) {
        yaml_event_t e;

        if (!yaml_parser_parse(parser, &e))
            return bad_yaml(r, parser);
        if (e.type == YAML_DOCUMENT_START_EVENT && ++documents > 1)
            rc = refuse(r, &e, "a second document", NULL);
        else
            rc = take_event(r, &e);
        done = e.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&e);
    }
    return rc;
}

int opt_read_yaml(const struct opt *table, void *cfg, const char *text, size_t len,
                  const char *name, struct opt_strings *keep, struct errbuf *eb)
{
    struct reader r = {.table = table, .cfg = cfg, .name = name, .keep = keep, .eb = eb};
    yaml_parser_t parser;
    size_t rows = 0;
    int rc;

    while (table[rows].type != OPT_TYPE_END)
        rows++;
    r.seen = calloc(rows + 1, sizeof *r.seen);
    if (!r.seen || !yaml_parser_initialize(&parser)) {
        free(r.seen);
        return err_nomem(eb);
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    rc = read_events(&r, &parser);
    yaml_parser_delete(&parser);
    free(r.seen);
    return rc;
}
