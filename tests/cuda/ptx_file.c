/* ptx_file.c: a file of PTX: its lines, its arrays, where its entries are. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ptx.h"

/* Behind each shared array, where nobody may write. */
enum { RED_ZONE = 64 };

/* A line without its comment and white space; a brace of inline assembly at its
 * beginning or end is taken off. */
static char *clean_line(char *line)
{
    char *s, *comment = strstr(line, "//");
    size_t n;

    if (comment)
        *comment = '\0';
    for (s = line; isspace((unsigned char)*s); s++)
        ;
    for (n = strlen(s); n && isspace((unsigned char)s[n - 1]);)
        s[--n] = '\0';
    if (s[0] == '{' && s[1])
        for (s++; isspace((unsigned char)*s); s++)
            ;
    n = strlen(s);
    if (n > 1 && s[n - 1] == '}')
        for (s[--n] = '\0'; n && isspace((unsigned char)s[n - 1]);)
            s[--n] = '\0';
    return s;
}

char *ptx_next_line(const char **text, char *line)
{
    size_t n = strcspn(*text, "\n"), kept = n < PTX_LINE ? n : PTX_LINE - 1;

    if (!**text)
        return NULL;
    memcpy(line, *text, kept);
    line[kept] = '\0';
    *text += n + ((*text)[n] == '\n');
    return clean_line(line);
}

static void shared_array(struct ptx_file *f, const char *s)
{
    const char *name = strstr(s, ".b8 "), *bracket = name ? strchr(name, '[') : NULL;
    struct ptx_array *a = &f->shared[f->n_shared];

    if (!name || !bracket || f->n_shared == 64)
        cuh_die("PTX: shared array '%.80s' is not understood", s);
    name += 4;
    snprintf(a->name, sizeof a->name, "%.*s", (int)(bracket - name), name);
    a->bytes = strtoul(bracket + 1, NULL, 10);
    for (int i = 0; i < f->n_shared; i++)
        if (strcmp(f->shared[i].name, a->name) == 0)
            return;
    f->n_shared++;
}

static void table(struct ptx_file *f, const char *s, const char *text)
{
    const char *name = strstr(s, ".b8 ") + 4, *bracket = strchr(name, '[');
    struct ptx_array *t = &f->tables[f->n_tables++];
    const char *values = strchr(text, '{');
    unsigned char *bytes;
    char *end;

    if (f->n_tables == 64 || !bracket)
        cuh_die("PTX: too many tables");
    snprintf(t->name, sizeof t->name, "%.*s", (int)(bracket - name), name);
    t->bytes = strtoul(bracket + 1, NULL, 10);
    if (!(bytes = calloc(1, t->bytes + 16)))
        cuh_die("out of memory");
    if (values && values < strchr(text, ';'))
        for (size_t i = 0; i < t->bytes && *values != '}'; i++) {
            bytes[i] = (unsigned char)strtol(values + 1, &end, 0);
            values = end;
        }
    t->offset = (size_t)(uintptr_t)bytes;
}

static void entry(struct ptx_file *f, const char *s, const char *behind)
{
    struct ptx_entry *e;

    f->entries = realloc(f->entries, (size_t)(f->n_entries + 1) * sizeof *f->entries);
    if (!f->entries)
        cuh_die("out of memory");
    e = &f->entries[f->n_entries++];
    memset(e, 0, sizeof *e);
    e->name = strndup(s, strcspn(s, "( "));
    e->text = behind;
    e->file = f;
}

/* Where shared arrays lie: one behind the other, with room between that nobody may touch. */
static void place_shared(struct ptx_file *f)
{
    for (int i = 0; i < f->n_shared; i++)
        if (f->shared[i].bytes) {
            f->shared[i].offset = f->shared_bytes;
            f->shared_bytes = (f->shared_bytes + f->shared[i].bytes + 15) / 16 * 16 + RED_ZONE;
        }
    for (int i = 0; i < f->n_shared; i++)
        if (!f->shared[i].bytes)
            f->shared[i].offset = f->shared_bytes;
}

static char *read_all(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t n = 0, room = 1 << 20;
    char *text = malloc(room);

    if (!file || !text)
        cuh_die("cannot read '%s'", path);
    while ((n += fread(text + n, 1, room - 1 - n, file)) == room - 1)
        if (!(text = realloc(text, room *= 2)))
            cuh_die("out of memory");
    text[n] = '\0';
    fclose(file);
    return text;
}

struct ptx_file *ptx_read(const char *path)
{
    struct ptx_file *f = calloc(1, sizeof *f);
    const char *text, *before;
    char line[PTX_LINE], *s, *found;

    if (!f)
        cuh_die("out of memory");
    f->path = strdup(path);
    f->text = read_all(path);
    for (text = before = f->text; (s = ptx_next_line(&text, line)); before = text) {
        if ((found = strstr(s, ".entry ")))
            entry(f, found + 7, text);
        else if (strstr(s, ".shared ") && strstr(s, ".b8 "))
            shared_array(f, s);
        else if ((strstr(s, ".global ") || strstr(s, ".const ")) && strstr(s, ".b8 "))
            table(f, s, before);
    }
    place_shared(f);
    return f;
}
