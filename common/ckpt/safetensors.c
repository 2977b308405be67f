#include "ckpt/safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/json.h"
#include "base/strtab.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are mapped as they lie");

enum { LENGTH_BYTES = 8 };

static const struct {
    const char *name;
    size_t bytes;
} types[] = {[ST_F32] = {"F32", 4}, [ST_I32] = {"I32", 4}, [ST_U8] = {"U8", 1}};

struct st_file {
    uint8_t *map;
    size_t size;
    const uint8_t *data; /* the bytes of the tensors, behind the header */
    size_t data_bytes;
    struct strtab names; /* the names of views[n, cap], in the order of the header */
    struct st_view *views;
    size_t n, cap;
    struct strtab keys; /* the keys of the metadata */
    struct buf values;  /* their values in the same order, with a NUL behind each */
    bool finite;        /* all words are, st_know_finite() */
};

/* The header while it is being read. */
struct header {
    struct st_file *f;
    /* path, and the name of the tensor whose entry is read, are for messages. */
    const char *path;
    const char *name;
    struct json *json;
    struct json_token t;
};

static int map_file(struct st_file *f, const char *path, struct errbuf *eb)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK; /* no wait on a FIFO */
    int fd = TEMP_FAILURE_RETRY(open(path, flags)), rc = RF_OK;
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
            rc = err_set(eb, errno == ENOMEM ? RF_ENOMEM : RF_EIO, "cannot map '%s': %s", path,
                         strerror(errno));
        else
            f->map = map;
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

/* Read the next token into h->t. A string that other programs might read as a different one is
 * refused: one with U+0000, where C strings end, or with half of a surrogate pair, which
 * became U+FFFD. */
static int next(struct header *h, struct errbuf *eb)
{
    int rc = json_next(h->json, &h->t, eb);
    const char *odd = NULL;

    if (rc > 0 && json_lone_surrogates(h->json))
        odd = "half a surrogate pair";
    if ((rc == JSON_KEY || rc == JSON_STRING) && memchr(h->t.text, '\0', h->t.len))
        odd = "U+0000";
    if (!odd)
        return rc;
    return err_set(eb, RF_EFORMAT, "bad JSON in '%s', byte %llu: %s in a string", h->path,
                   (unsigned long long)h->t.offset, odd);
}

static bool is_printable(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7F)
            return false;
    return true;
}

static int refuse(const char *name, const char *path, const char *why, struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "tensor '%.*s' in '%s': %s", TENSOR_NAME_MAX, name, path,
                   why);
}

static int repeated(const struct header *h, struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "repeated name in the header of '%s', byte %llu", h->path,
                   (unsigned long long)h->t.offset);
}

/* Read a whole number of at most 63 bits, as JSON's readers can hold it. False if
 * it is not one. */
static bool get_size(size_t *out, const struct json_token *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->len; i++)
        if (t->text[i] < '0' || t->text[i] > '9' || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, (size_t)(t->text[i] - '0'), &n))
            return false;
    *out = n;
    return n <= INT64_MAX;
}

/* The entry of a tensor in the header. */
enum member { DTYPE, SHAPE, OFFSETS, MEMBERS };
struct entry {
    bool has[MEMBERS];
    enum st_type type;
    struct sizes {
        size_t n, at[TENSOR_DIMS_MAX];
    } shape, offsets;
};

static const char *const member_names[] = {"dtype", "shape", "data_offsets"};
static const char no_entry[] = "must have dtype, shape and data_offsets";
static const char bad_type[] = "type must be F32, I32 or U8";
static const char bad_sizes[] = "shape is negative, not whole or too large";
static const char bad_offsets[] = "data_offsets must be two ascending numbers";

static int read_type(struct header *h, enum st_type *type, struct errbuf *eb)
{
    int rc = next(h, eb);

    for (size_t i = 0; rc == JSON_STRING && i < sizeof types / sizeof *types; i++)
        if (json_is(&h->t, types[i].name)) {
            *type = (enum st_type)i;
            return RF_OK;
        }
    return rc < 0 ? rc : refuse(h->name, h->path, bad_type, eb);
}

/* Read at most `max` numbers. no_list is the message if there is no such list, no_size if a
 * number is not a size. */
static int read_sizes(struct header *h, struct sizes *s, size_t max, const char *no_list,
                      const char *no_size, struct errbuf *eb)
{
    int rc = next(h, eb);

    if (rc >= 0 && rc != JSON_ARRAY)
        return refuse(h->name, h->path, no_list, eb);
    while (rc >= 0 && (rc = next(h, eb)) > 0 && rc != JSON_ARRAY_END) {
        if (s->n == max)
            return refuse(h->name, h->path, no_list, eb);
        if (rc != JSON_NUMBER || !get_size(&s->at[s->n++], &h->t))
            return refuse(h->name, h->path, no_size, eb);
    }
    return rc < 0 ? rc : RF_OK;
}

static int read_member(struct header *h, struct entry *e, struct errbuf *eb)
{
    int m = DTYPE;

    while (m < MEMBERS && !json_is(&h->t, member_names[m]))
        m++;
    if (m == MEMBERS)
        return refuse(h->name, h->path, no_entry, eb);
    if (e->has[m])
        return repeated(h, eb);
    e->has[m] = true;
    switch ((enum member)m) {
    case DTYPE: return read_type(h, &e->type, eb);
    case SHAPE:
        return read_sizes(h, &e->shape, TENSOR_DIMS_MAX,
                          "shape must be a list of at most 4 numbers", bad_sizes, eb);
    default: return read_sizes(h, &e->offsets, 2, bad_offsets, bad_offsets, eb);
    }
}

static int read_entry(struct header *h, struct entry *e, struct errbuf *eb)
{
    int rc = next(h, eb);

    if (rc >= 0 && rc != JSON_OBJECT)
        return refuse(h->name, h->path, no_entry, eb);
    while (rc >= 0 && (rc = next(h, eb)) == JSON_KEY)
        rc = read_member(h, e, eb);
    if (rc < 0)
        return rc;
    for (int m = 0; m < MEMBERS; m++)
        if (!e->has[m])
            return refuse(h->name, h->path, no_entry, eb);
    return RF_OK;
}

/* Set type, dims, shape and bytes. Returns what is wrong, or NULL. */
static const char *set_shape(struct st_view *v, const struct entry *e)
{
    v->type = e->type;
    v->dims = e->shape.n;
    v->bytes = types[v->type].bytes;
    for (size_t i = 0; i < v->dims; i++) {
        v->shape[i] = e->shape.at[i];
        if (__builtin_mul_overflow(v->bytes, v->shape[i], &v->bytes))
            return bad_sizes;
    }
    return NULL;
}

static const char *set_place(struct st_view *v, const struct sizes *offsets,
                             const struct st_file *f)
{
    size_t begin = offsets->at[0], end = offsets->at[1];

    if (offsets->n != 2 || begin > end)
        return bad_offsets;
    if (end - begin != v->bytes)
        return "data_offsets do not fit the shape";
    if (end > f->data_bytes)
        return "lies past the end of the file";
    v->data = f->data + begin;
    if ((size_t)(f->data + begin - f->map) % types[v->type].bytes)
        return "elements are not aligned";
    return NULL;
}

static int reserve_view(struct st_file *f)
{
    size_t cap = f->cap ? 2 * f->cap : 64;
    struct st_view *views;

    if (f->n < f->cap)
        return RF_OK;
    if (!(views = realloc(f->views, cap * sizeof *views)))
        return RF_ENOMEM;
    f->views = views;
    f->cap = cap;
    return RF_OK;
}

/* Read the entry of a tensor, whose name was read. */
static int read_tensor(struct header *h, struct errbuf *eb)
{
    struct st_file *f = h->f;
    struct entry e = {0};
    struct st_view v = {0};
    const char *why;
    size_t i;
    int rc;

    if (!h->t.len || !is_printable(h->t.text, h->t.len))
        return err_set(eb, RF_EFORMAT,
                       "a name of a tensor in '%s' is empty or has control characters",
                       h->path);
    if (f->n == ST_TENSORS_MAX)
        return err_set(eb, RF_ERANGE, "header of '%s' has over %d tensors", h->path,
                       ST_TENSORS_MAX);
    if (reserve_view(f) != RF_OK || strtab_add(&f->names, h->t.text, h->t.len, &i) != RF_OK)
        return err_nomem(eb);
    if (i < f->n)
        return repeated(h, eb);
    h->name = strtab_get(&f->names, i, NULL);
    if ((rc = read_entry(h, &e, eb)) != RF_OK)
        return rc;
    if ((why = set_shape(&v, &e)) || (why = set_place(&v, &e.offsets, f)))
        return refuse(h->name, h->path, why, eb);
    f->views[f->n++] = v;
    return RF_OK;
}

/* Read the metadata, whose key was read. */
static int read_metadata(struct header *h, struct errbuf *eb)
{
    struct st_file *f = h->f;
    size_t i;
    int rc;

    if (f->values.data)
        return repeated(h, eb);
    /* This marks that the metadata was there, even if it is empty. */
    if (buf_reserve(&f->values, 1) != RF_OK)
        return err_nomem(eb);
    if ((rc = next(h, eb)) >= 0 && rc != JSON_OBJECT)
        return err_set(eb, RF_EFORMAT, "__metadata__ of '%s' is no object", h->path);
    while (rc >= 0 && (rc = next(h, eb)) == JSON_KEY) {
        size_t n = f->keys.n;

        if (strtab_add(&f->keys, h->t.text, h->t.len, &i) != RF_OK)
            return err_nomem(eb);
        if (i < n)
            return repeated(h, eb);
        if ((rc = next(h, eb)) >= 0 && rc != JSON_STRING)
            return err_set(eb, RF_EFORMAT, "__metadata__ of '%s' holds more than text",
                           h->path);
        if (rc >= 0 && (buf_put(&f->values, h->t.text, h->t.len) != RF_OK ||
                        buf_put(&f->values, "", 1) != RF_OK))
            return err_nomem(eb);
    }
    return rc < 0 ? rc : RF_OK;
}

static int read_header(struct header *h, struct errbuf *eb)
{
    int rc = next(h, eb); /* this is the { that find_header() has seen */

    while (rc >= 0 && (rc = next(h, eb)) == JSON_KEY)
        rc = json_is(&h->t, "__metadata__") ? read_metadata(h, eb) : read_tensor(h, eb);
    return rc < 0 ? rc : next(h, eb); /* JSON_END is RF_OK */
}

/* Find where the header and the tensors lie. */
static int find_header(struct st_file *f, size_t *len, const char *path, struct errbuf *eb)
{
    uint64_t n = get_le64(f->map);

    if (n > ST_HEADER_MAX_BYTES)
        return err_set(eb, RF_ERANGE,
                       "'%s' is no safetensors file, or its header of %llu bytes is over the "
                       "limit of %d MiB",
                       path, (unsigned long long)n, ST_HEADER_MAX_BYTES >> 20);
    if (n > f->size - LENGTH_BYTES)
        return err_set(eb, RF_ETRUNC, "'%s' ends inside its header", path);
    f->data = f->map + LENGTH_BYTES + n;
    f->data_bytes = f->size - LENGTH_BYTES - n;
    if (n == 0 || f->map[LENGTH_BYTES] != '{')
        return err_set(eb, RF_EFORMAT, "no safetensors header in '%s'", path);
    *len = n;
    return RF_OK;
}

static int parse_header(struct st_file *f, const char *path, struct errbuf *eb)
{
    const struct json_cfg cfg = {.base = LENGTH_BYTES};
    struct header h = {.f = f, .path = path};
    size_t len;
    int rc = find_header(f, &len, path, eb);

    if (rc == RF_OK)
        rc = json_open_text(&h.json, (const char *)f->map + LENGTH_BYTES, len, path, &cfg, eb);
    if (rc == RF_OK)
        rc = read_header(&h, eb);
    json_close(h.json);
    for (size_t i = 0; rc == RF_OK && i < f->n; i++)
        f->views[i].name = strtab_get(&f->names, i, NULL);
    return rc;
}

static int by_place(const void *x, const void *y)
{
    const struct st_view *a = x, *b = y;
    const char *p = a->data, *q = b->data;

    if (p != q)
        return p < q ? -1 : 1;
    return (a->bytes > b->bytes) - (a->bytes < b->bytes); /* empty tensors come first */
}

/* Check that every byte behind the header belongs to exactly one tensor. */
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
        return err_set(eb, RF_EFORMAT, "bytes behind the last tensor of '%s': %zu", path,
                       (size_t)(f->data + f->data_bytes - at));
    return RF_OK;
}

int st_open(struct st_file **out, const char *path, struct errbuf *eb)
{
    struct st_file *f = calloc(1, sizeof *f);
    int rc;

    if (!f)
        return err_nomem(eb);
    if ((rc = map_file(f, path, eb)) != RF_OK || (rc = parse_header(f, path, eb)) != RF_OK ||
        (rc = check_cover(f, path, eb)) != RF_OK) {
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
    const char *value = f->values.data;
    size_t i = strtab_find(&f->keys, key, strlen(key));

    if (i == STRTAB_NONE)
        return NULL;
    while (i--)
        value += strlen(value) + 1;
    return value;
}

void st_close(struct st_file *f)
{
    if (!f)
        return;
    strtab_free(&f->names);
    strtab_free(&f->keys);
    buf_free(&f->values);
    free(f->views);
    if (f->map)
        munmap(f->map, f->size);
    free(f);
}

void st_forget(struct st_file *f)
{
    (void)madvise(f->map, f->size, MADV_DONTNEED);
}

void st_know_finite(struct st_file *f)
{
    f->finite = true;
}

/* The loop has no early end, so that compilers can use vectors. Most of its time goes into the
 * pages of a file, which are mapped as they are touched. */
bool st_are_finite(const void *x, size_t n)
{
    enum { LONG = 1 << 20 };
    const uint32_t *bits = x;
    uint32_t bad = 0;

#pragma omp parallel for reduction(| : bad) if (n > LONG)
    for (size_t i = 0; i < n; i++)
        bad |= (bits[i] & 0x7F800000u) == 0x7F800000u;
    return !bad;
}

static bool same_shape(const struct st_view *v, const struct tensor *t)
{
    return v->dims == t->dims && memcmp(v->shape, t->shape, t->dims * sizeof *t->shape) == 0;
}

static int count_error(const struct st_file *f, size_t n, const char *path, struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "'%s' has %zu tensors, wanted %zu", path, f->n, n);
}

/* Find a tensor by its name, and check its type and shape. */
static int find_like(const struct st_view **v, const struct st_file *f, const struct tensor *t,
                     const char *path, struct errbuf *eb)
{
    if (!(*v = st_find(f, t->name)))
        return refuse(t->name, path, "not there", eb);
    if ((*v)->type != ST_F32)
        return refuse(t->name, path, "type is not F32", eb);
    if (!same_shape(*v, t))
        return refuse(t->name, path, "shape is not that of the model", eb);
    return RF_OK;
}

int st_check(const struct st_file *f, const struct tensor *t, size_t n, const char *path,
             struct errbuf *eb)
{
    const struct st_view *v;
    int rc = f->n == n ? RF_OK : count_error(f, n, path, eb);

    for (size_t i = 0; i < n && rc == RF_OK; i++)
        rc = find_like(&v, f, &t[i], path, eb);
    return rc;
}

int st_read_into(const struct st_file *f, const struct tensor *t, size_t n, const char *path,
                 struct errbuf *eb)
{
    return f->n == n ? st_read_some(f, t, n, path, eb) : count_error(f, n, path, eb);
}

/* Find a tensor of finite numbers. */
static int find_finite(const float **x, const struct st_file *f, const struct tensor *t,
                       const char *path, struct errbuf *eb)
{
    const struct st_view *v;
    int rc = find_like(&v, f, t, path, eb);

    if (rc != RF_OK)
        return rc;
    if (!f->finite && !st_are_finite(v->data, tensor_count(t)))
        return err_set(eb, RF_ENAN, "tensor '%s' in '%s': not all numbers are finite", t->name,
                       path);
    *x = v->data;
    return RF_OK;
}

int st_read_some(const struct st_file *f, const struct tensor *t, size_t n, const char *path,
                 struct errbuf *eb)
{
    for (size_t i = 0; i < n; i++) {
        const float *x;
        int rc = find_finite(&x, f, &t[i], path, eb);

        if (rc != RF_OK)
            return rc;
        if (t[i].store)
            rc = t[i].store->put(t[i].store->self, &t[i], x, eb);
        else if (tensor_count(&t[i]))
            memcpy(t[i].data, x, tensor_count(&t[i]) * sizeof *x);
        if (rc != RF_OK)
            return rc;
    }
    return RF_OK;
}

int st_map(struct st_file *f, const float **at, const struct tensor *t, size_t n,
           const char *path, struct errbuf *eb)
{
    int rc = RF_OK;

    for (size_t i = 0; i < n && rc == RF_OK; i++) {
        rc = find_finite(&at[i], f, &t[i], path, eb);
        st_forget(f); /* a caller may want fewer bits of them in memory */
    }
    return rc;
}
