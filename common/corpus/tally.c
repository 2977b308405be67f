#include "corpus/tally.h"

#include <stdlib.h>
#include <string.h>

static int count_name(struct tally *t, const char *kind, const char *name, uint64_t by)
{
    struct buf key = {0};
    size_t i, cap;

    if (buf_printf(&key, "%s\t%s", kind, name) != RF_OK ||
        strtab_add(&t->names, key.data, key.len, &i) != RF_OK) {
        buf_free(&key);
        return RF_ENOMEM;
    }
    buf_free(&key);
    if (i >= t->cap) {
        uint64_t *grown;

        cap = t->cap ? 2 * t->cap : 256;
        if (!(grown = realloc(t->count, cap * sizeof *grown)))
            return RF_ENOMEM;
        memset(grown + t->cap, 0, (cap - t->cap) * sizeof *grown);
        t->count = grown;
        t->cap = cap;
    }
    t->count[i] += by;
    return RF_OK;
}

int tally_add(struct tally *t, const char *kind, const char *name, uint64_t by)
{
    char key[256];
    int len = snprintf(key, sizeof key, "%s\t%s", kind, name);

    if (t->names.n >= TALLY_NAMES_MAX &&
        (len < 0 || (size_t)len >= sizeof key ||
         strtab_find(&t->names, key, (size_t)len) == STRTAB_NONE))
        name = "(others)";
    return count_name(t, kind, name, by);
}

struct row {
    const char *name;
    size_t kind_len;
    uint64_t count;
};

static int by_kind_then_count(const void *pa, const void *pb)
{
    const struct row *a = pa, *b = pb;
    size_t n = a->kind_len < b->kind_len ? a->kind_len : b->kind_len;
    int order = memcmp(a->name, b->name, n + 1); /* this includes the TAB of the shorter one */

    if (order)
        return order;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return strcmp(a->name, b->name);
}

int tally_write(const struct tally *t, FILE *to)
{
    struct row *row = calloc(t->names.n + 1, sizeof *row);

    if (!row)
        return RF_ENOMEM;
    for (size_t i = 0; i < t->names.n; i++) {
        const char *name = strtab_get(&t->names, i, NULL);

        row[i] = (struct row){name, strcspn(name, "\t"), t->count[i]};
    }
    qsort(row, t->names.n, sizeof *row, by_kind_then_count);
    for (size_t i = 0; i < t->names.n; i++)
        fprintf(to, "%s\t%llu\n", row[i].name, (unsigned long long)row[i].count);
    free(row);
    return RF_OK;
}

void tally_free(struct tally *t)
{
    strtab_free(&t->names);
    free(t->count);
    *t = (struct tally){0};
}
