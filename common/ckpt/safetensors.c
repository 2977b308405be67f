#include "ckpt/safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are mapped as they lie");

enum { LENGTH_BYTES = 8, HEADER_DEPTH = 3 };

static const struct {
    const char *name;
    size_t bytes;
} types[] = {[ST_F32] = {"F32", 4}, [ST_I32] = {"I32", 4}, [ST_U8] = {"U8", 1}};

struct st_file {
    uint8_t *map;
    size_t size;
    const uint8_t *data; /* the tensors' bytes, behind the header */
    size_t data_bytes;
    json_t *header; /* owns the names and the metadata */
    struct st_view *views;
    size_t n;
};

static int map_file(struct st_file *f, const char *path, struct errbuf *eb)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc = RF_OK; /* no wait on a FIFO */
    struct stat st;
    void *map;

    if (fd < 0 || fstat(fd, &st) != 0) {
        rc = err_set(eb, RF_EIO, "cannot open '%s': %s", path, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        rc = err_set(eb, RF_EIO, "cannot read '%s': not a plain file", path);
    } else if (st.st_size < LENGTH_BYTES) {
        rc = err_set(eb, RF_ETRUNC, "'%s' ends before its header", path);
    } else {
        f->size = (size_t)st.st_size;
        map = mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED)
            rc = err_set(eb, RF_EIO, "cannot map '%s': %s", path, strerror(errno));
        else
            f->map = map;
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

/*
 * The JSON parser builds a tree, so what a header could make it build is bounded first: nesting
 * (the parser recurses) and the number of objects, lists and values.
 */
static bool is_bounded(const char *s, size_t n)
{
    size_t depth = 0, objects = 0, lists = 0, commas = 0;
    bool quoted = false;

    for (size_t i = 0; i < n; i++) {
        if (quoted) {
            if (s[i] == '\\')
                i++;
            else if (s[i] == '"')
                quoted = false;
            continue;
        }
        switch (s[i]) {
        case '"': quoted = true; break;
        case ',': commas++; break;
        case '{':
            objects++;
            depth++;
            break;
        case '[':
            lists++;
            depth++;
            break;
        case '}':
        case ']': depth -= depth > 0; break;
        default: break;
        }
        if (depth > HEADER_DEPTH)
            return false;
    }
    return objects <= ST_TENSORS_MAX + 2 && lists <= 2 * (size_t)ST_TENSORS_MAX &&
           commas <= 10 * (size_t)ST_TENSORS_MAX;
}

static int parse_header(struct st_file *f, const char *path, struct errbuf *eb)
{
    uint64_t len = get_le64(f->map);
    const char *text = (const char *)f->map + LENGTH_BYTES;
    json_error_t e;

    if (len > ST_HEADER_MAX_BYTES)
        return err_set(eb, RF_ERANGE,
                       "'%s' is no safetensors file, or its header of %llu bytes is over the "
                       "limit of %d MiB",
                       path, (unsigned long long)len, ST_HEADER_MAX_BYTES >> 20);
    if (len > f->size - LENGTH_BYTES)
        return err_set(eb, RF_ETRUNC, "'%s' ends inside its header", path);
    f->data = f->map + LENGTH_BYTES + len;
    f->data_bytes = f->size - LENGTH_BYTES - len;
    if (len == 0 || *text != '{')
        return err_set(eb, RF_EFORMAT, "no safetensors header in '%s'", path);
    if (!is_bounded(text, len))
        return err_set(eb, RF_ERANGE, "header of '%s' is too deep, or has over %d tensors",
                       path, ST_TENSORS_MAX);
    f->header = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
    if (f->header)
        return RF_OK;
    return err_set(eb, json_error_code(&e) == json_error_out_of_memory ? RF_ENOMEM : RF_EFORMAT,
                   "%s in the header of '%s', byte %d",
                   json_error_code(&e) == json_error_duplicate_key ? "repeated name"
                                                                   : "broken JSON",
                   path, LENGTH_BYTES + e.position);
}

static bool is_printable(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7F)
            return false;
    return true;
}

static int refuse(const char *name, const char *path, const char *why, struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "tensor '%.*s' in '%s': %s", TENSOR_NAME_MAX, name, path,
                   why);
}

/* A number that fits size_t; false otherwise (jansson has refused what exceeds 63 bits). */
static bool get_size(size_t *out, const json_t *number)
{
    if (!json_is_integer(number) || json_integer_value(number) < 0)
        return false;
    *out = (size_t)json_integer_value(number);
    return true;
}

static const char *read_type(struct st_view *v, const json_t *dtype)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (json_is_string(dtype) && strcmp(json_string_value(dtype), types[i].name) == 0) {
            v->type = (enum st_type)i;
            return NULL;
        }
    return "type must be F32, I32 or U8";
}

/* Fills dims, shape and bytes. */
static const char *read_shape(struct st_view *v, const json_t *shape)
{
    v->dims = json_array_size(shape); /* 0 for what is not a list */
    if (!json_is_array(shape) || v->dims > TENSOR_DIMS_MAX)
        return "shape must be a list of at most 4 numbers";
    v->bytes = types[v->type].bytes;
    for (size_t i = 0; i < v->dims; i++)
        if (!get_size(&v->shape[i], json_array_get(shape, i)) ||
            __builtin_mul_overflow(v->bytes, v->shape[i], &v->bytes))
            return "shape is negative, not whole or too large";
    return NULL;
}

static const char *read_offsets(struct st_view *v, const json_t *offsets,
                                const struct st_file *f)
{
    size_t begin, end;

    if (json_array_size(offsets) != 2 || !get_size(&begin, json_array_get(offsets, 0)) ||
        !get_size(&end, json_array_get(offsets, 1)) || begin > end)
        return "data_offsets must be two ascending numbers";
    if (end - begin != v->bytes)
        return "data_offsets do not fit the shape";
    if (end > f->data_bytes)
        return "lies past the end of the file";
    v->data = f->data + begin;
    if ((size_t)(f->data + begin - f->map) % types[v->type].bytes)
        return "elements are not aligned";
    return NULL;
}

static int read_entry(struct st_view *v, const char *name, const json_t *entry,
                      const struct st_file *f, const char *path, struct errbuf *eb)
{
    const char *why = NULL;

    v->name = name;
    if (!*name || !is_printable(name))
        return err_set(eb, RF_EFORMAT,
                       "a name of a tensor in '%s' is empty or has control characters", path);
    if (json_object_size(entry) != 3) /* 0 for what is not an object */
        why = "must have dtype, shape and data_offsets";
    if (!why)
        why = read_type(v, json_object_get(entry, "dtype"));
    if (!why)
        why = read_shape(v, json_object_get(entry, "shape"));
    if (!why)
        why = read_offsets(v, json_object_get(entry, "data_offsets"), f);
    return why ? refuse(name, path, why, eb) : RF_OK;
}

static int check_metadata(json_t *m, const char *path, struct errbuf *eb)
{
    if (!json_is_object(m))
        return err_set(eb, RF_EFORMAT, "__metadata__ of '%s' is no object", path);
    for (void *i = json_object_iter(m); i; i = json_object_iter_next(m, i))
        if (!json_is_string(json_object_iter_value(i)))
            return err_set(eb, RF_EFORMAT, "__metadata__ of '%s' holds more than text", path);
    return RF_OK;
}

static int by_place(const void *x, const void *y)
{
    const struct st_view *a = x, *b = y;
    const char *p = a->data, *q = b->data;

    if (p != q)
        return p < q ? -1 : 1;
    return (a->bytes > b->bytes) - (a->bytes < b->bytes); /* empty ones first */
}

/* Every byte behind the header belongs to one tensor. */
static int check_cover(struct st_file *f, const char *path, struct errbuf *eb)
{
    const uint8_t *at = f->data;

    if (f->n)
        qsort(f->views, f->n, sizeof *f->views, by_place);
    for (size_t i = 0; i < f->n; i++) {
        if (f->views[i].data != at)
            return refuse(f->views[i].name, path, "overlaps, or has a hole before it", eb);
        at += f->views[i].bytes;
    }
    if (at != f->data + f->data_bytes)
        return err_set(eb, RF_EFORMAT, "'%s' has %zu bytes behind its last tensor", path,
                       (size_t)(f->data + f->data_bytes - at));
    return RF_OK;
}

static int read_tensors(struct st_file *f, const char *path, struct errbuf *eb)
{
    int rc = RF_OK;

    f->views = calloc(json_object_size(f->header) + 1, sizeof *f->views);
    if (!f->views)
        return err_nomem(eb);
    for (void *i = json_object_iter(f->header); i && rc == RF_OK;
         i = json_object_iter_next(f->header, i)) {
        const char *name = json_object_iter_key(i);
        json_t *entry = json_object_iter_value(i);

        if (strcmp(name, "__metadata__") == 0)
            rc = check_metadata(entry, path, eb);
        else
            rc = read_entry(&f->views[f->n++], name, entry, f, path, eb);
    }
    return rc == RF_OK ? check_cover(f, path, eb) : rc;
}

int st_open(struct st_file **out, const char *path, struct errbuf *eb)
{
    struct st_file *f = calloc(1, sizeof *f);
    int rc;

    if (!f)
        return err_nomem(eb);
    if ((rc = map_file(f, path, eb)) != RF_OK || (rc = parse_header(f, path, eb)) != RF_OK ||
        (rc = read_tensors(f, path, eb)) != RF_OK) {
        st_close(f);
        return rc;
    }
    *out = f;
    return RF_OK;
}

size_t st_count(const struct st_file *f)
{
    return f->n;
}

const struct st_view *st_at(const struct st_file *f, size_t i)
{
    return &f->views[i];
}

const struct st_view *st_find(const struct st_file *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->views[i].name, name) == 0)
            return &f->views[i];
    return NULL;
}

const char *st_metadata(const struct st_file *f, const char *key)
{
    return json_string_value(json_object_get(json_object_get(f->header, "__metadata__"), key));
}

void st_close(struct st_file *f)
{
    if (!f)
        return;
    json_decref(f->header);
    free(f->views);
    if (f->map)
        munmap(f->map, f->size);
    free(f);
}

static bool same_shape(const struct st_view *v, const struct tensor *t)
{
    return v->dims == t->dims && memcmp(v->shape, t->shape, t->dims * sizeof *t->shape) == 0;
}

/* Copies n floats; false if one of them is infinite or no number. No early end: it vectorises.
 */
static bool copy_finite(float *to, const void *from, size_t n)
{
    const uint32_t *bits = from;
    uint32_t bad = 0;

    for (size_t i = 0; i < n; i++)
        bad |= (bits[i] & 0x7F800000u) == 0x7F800000u;
    if (n)
        memcpy(to, from, n * sizeof *to);
    return !bad;
}

int st_read_into(const struct st_file *f, const struct tensor *t, size_t n, const char *path,
                 struct errbuf *eb)
{
    if (f->n != n)
        return err_set(eb, RF_EFORMAT, "'%s' has %zu tensors, wanted %zu", path, f->n, n);
    return st_read_some(f, t, n, path, eb);
}

int st_read_some(const struct st_file *f, const struct tensor *t, size_t n, const char *path,
                 struct errbuf *eb)
{
    for (size_t i = 0; i < n; i++) {
        const struct st_view *v = st_find(f, t[i].name);

        if (!v)
            return refuse(t[i].name, path, "not there", eb);
        if (v->type != ST_F32)
            return refuse(t[i].name, path, "type is not F32", eb);
        if (!same_shape(v, &t[i]))
            return refuse(t[i].name, path, "shape is not that of the model", eb);
        if (!copy_finite(t[i].data, v->data, tensor_count(&t[i])))
            return err_set(eb, RF_ENAN, "tensor '%s' in '%s': not all numbers are finite",
                           t[i].name, path);
    }
    return RF_OK;
}
