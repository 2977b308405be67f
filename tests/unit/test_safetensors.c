/* test_safetensors: files of the Python package are read, hostile ones refused, ours are its.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/io.h"
#include "ckpt/safetensors.h"

static const char *golden(const char *kind, const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/tests/golden/safetensors/%s/%s.safetensors", getenv("ROOT"),
             kind, name);
    return path;
}

static struct st_file *open_good(const char *name)
{
    struct st_file *f = NULL;
    struct errbuf eb = {0};

    if (st_open(&f, golden("good", name), &eb) != RF_OK)
        fail_msg("%s", eb.text);
    return f;
}

/* Element i of every F32 tensor there, as make.py says. */
static float golden_f32(size_t i)
{
    return (float)i / 4 - 1;
}

static void check_f32(const struct st_view *v, size_t n)
{
    const float *x = v->data;

    assert_int_equal(v->type, ST_F32);
    assert_int_equal(v->bytes, 4 * n);
    for (size_t i = 0; i < n; i++)
        assert_true(x[i] == golden_f32(i));
}

static void files_of_the_package_are_read(void **state)
{
    struct st_file *f = open_good("mixed");
    const struct st_view *v;
    (void)state;

    assert_int_equal(st_count(f), 5);
    check_f32(st_find(f, "f"), 3);
    check_f32(st_find(f, "이름"), 1);
    check_f32(st_find(f, "a\"b\\c"), 1);
    v = st_find(f, "i");
    assert_int_equal(v->type, ST_I32);
    assert_int_equal(v->dims, 2);
    assert_int_equal(v->shape[0], 1);
    assert_int_equal(v->shape[1], 2);
    assert_int_equal(((const int32_t *)v->data)[0], -1);
    v = st_find(f, "u");
    assert_int_equal(v->type, ST_U8);
    assert_int_equal(((const uint8_t *)v->data)[4], 4);
    assert_null(st_find(f, "x"));
    assert_string_equal(st_metadata(f, "key"), "값");
    assert_string_equal(st_metadata(f, "other"), "a\nb");
    assert_null(st_metadata(f, "none"));
    st_close(f);
}

static void odd_shapes_are_read(void **state)
{
    struct st_file *f = open_good("empty");
    (void)state;

    assert_int_equal(st_count(f), 0);
    assert_null(st_metadata(f, "format"));
    st_close(f);
    f = open_good("scalar");
    assert_int_equal(st_at(f, 0)->dims, 0);
    check_f32(st_at(f, 0), 1);
    st_close(f);
    f = open_good("no-elements");
    assert_int_equal(st_count(f), 3);
    assert_int_equal(st_find(f, "none")->bytes, 0);
    assert_string_equal(st_at(f, 2)->name, "z");
    check_f32(st_find(f, "z"), 1);
    st_close(f);
}

static void hostile_files_are_refused(void **state)
{
    static const struct {
        const char *name;
        int rc;
        const char *says;
    } bad[] = {
        {"nothing", RF_ETRUNC, "ends before its header"},
        {"short-length", RF_ETRUNC, "ends before its header"},
        {"no-header", RF_EFORMAT, "no safetensors header"},
        {"header-2e63", RF_ERANGE, "over the limit of 16 MiB"},
        {"header-17MiB", RF_ERANGE, "over the limit of 16 MiB"},
        {"header-past-end", RF_ETRUNC, "ends inside its header"},
        {"list", RF_EFORMAT, "no safetensors header"},
        {"space-first", RF_EFORMAT, "no safetensors header"},
        {"json", RF_EFORMAT, "byte 13: a value was expected"},
        {"json-behind", RF_EFORMAT, "byte 10: something follows the value"},
        {"not-utf8", RF_EFORMAT, "not UTF-8 in"},
        {"repeated", RF_EFORMAT, "repeated name in the header"},
        {"repeated-escaped", RF_EFORMAT, "repeated name in the header"},
        {"empty-name", RF_EFORMAT, "is empty or has control characters"},
        {"control-name", RF_EFORMAT, "is empty or has control characters"},
        {"entry-number", RF_EFORMAT, "must have dtype, shape and data_offsets"},
        {"no-shape", RF_EFORMAT, "must have dtype, shape and data_offsets"},
        {"extra-key", RF_EFORMAT, "must have dtype, shape and data_offsets"},
        {"type", RF_EFORMAT, "type must be F32, I32 or U8"},
        {"type-unknown", RF_EFORMAT, "type must be"},
        {"type-number", RF_EFORMAT, "type must be"},
        {"shape-number", RF_EFORMAT, "shape must be a list"},
        {"shape-negative", RF_EFORMAT, "shape is negative"},
        {"shape-real", RF_EFORMAT, "shape is negative, not whole"},
        {"shape-overflow", RF_EFORMAT, "too large"},
        {"shape-2e64", RF_EFORMAT, "too large"},
        {"dims", RF_EFORMAT, "at most 4 numbers"},
        {"misfit", RF_EFORMAT, "do not fit the shape"},
        {"offsets-three", RF_EFORMAT, "two ascending numbers"},
        {"offsets-descend", RF_EFORMAT, "two ascending numbers"},
        {"offsets-negative", RF_EFORMAT, "two ascending numbers"},
        {"offsets-2e62", RF_EFORMAT, "past the end"},
        {"hole-first", RF_EFORMAT, "hole"},
        {"hole", RF_EFORMAT, "tensor 'b'"},
        {"overlap", RF_EFORMAT, "tensor 'b'"},
        {"same-place", RF_EFORMAT, "overlaps"},
        {"misaligned", RF_EFORMAT, "not aligned"},
        {"data-short", RF_EFORMAT, "past the end"},
        {"data-behind", RF_EFORMAT, "bytes behind the last tensor of"},
        {"metadata-list", RF_EFORMAT, "is no object"},
        {"metadata-number", RF_EFORMAT, "holds more than text"},
        {"deep", RF_EFORMAT, "holds more than text"},
        {"deeper", RF_EFORMAT, "must have dtype, shape and data_offsets"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct st_file *f = NULL;
        struct errbuf eb = {0};
        int rc = st_open(&f, golden("bad", bad[i].name), &eb);

        if (rc != bad[i].rc || !strstr(eb.text, bad[i].says) || strchr(eb.text, '\n') || f)
            fail_msg("%s: %s: %s", bad[i].name, rf_strerror(rc), eb.text);
    }
}

static void write_bytes(const char *path, const void *p, size_t n)
{
    FILE *f = fopen(path, "wb");

    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* No cut leaves a legal file, and none is read past. */
static void every_cut_is_noticed(void **state)
{
    struct buf whole = {0};
    (void)state;

    assert_int_equal(
        input_slurp(&whole, golden("good", "mixed"), INPUT_RAW, SIZE_MAX / 2, NULL), RF_OK);
    for (size_t n = 0; n < whole.len; n++) {
        struct st_file *f = NULL;

        write_bytes("cut", whole.data, n);
        if (st_open(&f, "cut", NULL) == RF_OK)
            fail_msg("cut at %zu of %zu goes unnoticed", n, whole.len);
    }
    buf_free(&whole);
}

static void write_header(const char *path, const struct buf *json)
{
    uint8_t len[8];
    FILE *f = fopen(path, "wb");

    put_le64(len, json->len);
    assert_int_equal(fwrite(len, 1, 8, f), 8);
    assert_int_equal(fwrite(json->data, 1, json->len, f), json->len);
    assert_int_equal(fclose(f), 0);
}

/* Entries of a tensor without elements. */
#define EMPTY     "\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]"
#define OF(shape) "{\"a\":{\"dtype\":\"U8\",\"shape\":" shape ",\"data_offsets\":[0,0]}}"

/* A file of this header alone. */
static int open_header(struct st_file **f, const char *json, struct errbuf *eb)
{
    struct buf text = {0};

    assert_int_equal(buf_put(&text, json, strlen(json)), RF_OK);
    write_header("x", &text);
    buf_free(&text);
    return st_open(f, "x", eb);
}

/* Files of a header alone, so that nothing else can be wrong with them: what JSON allows, or
 * its readers often do, but a header must not hold. */
static void hostile_headers_are_refused(void **state)
{
    static const struct {
        const char *json, *says;
    } bad[] = {
        {"{\"a\\u0000b\":{" EMPTY "}}", "byte 9: U+0000 in a string"},
        {"{\"__metadata__\":{\"\\u0000\":\"\"}}", "byte 25: U+0000 in a string"},
        {"{\"__metadata__\":{\"a\":\"b\\u0000\"}}", "byte 29: U+0000 in a string"},
        {"{\"\\ud800\":{" EMPTY "}}", "byte 9: half a surrogate pair in a string"},
        {"{\"__metadata__\":{\"a\":\"\\udc00\"}}", "byte 29: half a surrogate pair"},
        {"{\"__metadata__\":{\"a\":\"\xFF\"}}", "not UTF-8 in 'x', byte 30"},
        {"{\"a\":{\"dtype\":\"U8\"," EMPTY "}}", "repeated name in the header of 'x', byte 27"},
        {"{\"a\":{" EMPTY ",\"shap\\u0065\":[0]}}", "repeated name in the header"},
        {"{\"a\":{" EMPTY "},\"b\":{" EMPTY "},\"a\":{" EMPTY "}}", "repeated name"},
        {"{\"__metadata__\":{\"a\":\"\",\"\\u0061\":\"\"}}", "repeated name"},
        {"{\"__metadata__\":{},\"__metadat\\u0061__\":{}}", "repeated name"},
        {"{\"a\":{" EMPTY "}} \v", "something follows the value"},
        {"{\"a\":{" EMPTY "}}{", "something follows the value"},
        {"{\"a\":{" EMPTY "}},", "something follows the value"},
        {"{\"a\":{" EMPTY "},}", "a key was expected"},
        {"{\"a\":[[[[[[[[", "must have dtype"},
        {"{\"a\":1," EMPTY "}", "must have dtype"},
        {"{\"a\":{" EMPTY ",\"b\":{\"c\":[]}}}", "must have dtype"},
        {OF("[0,[0]]"), "shape is negative, not whole"},
        {OF("[0,{}]"), "shape is negative, not whole"},
        {OF("[0,\"0\"]"), "shape is negative, not whole"},
        {OF("[0,null]"), "shape is negative, not whole"},
        {OF("[-0]"), "shape is negative, not whole"},
        {OF("[0e0]"), "shape is negative, not whole"},
        {OF("[00]"), "not a number"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[]}}",
         "two ascending numbers"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0]}}",
         "two ascending numbers"},
        {OF("{}"), "shape must be a list"},
        {OF("\"0\""), "shape must be a list"},
        {OF("[0,0,0,0,0]"), "shape must be a list"},
        {OF("[0,9223372036854775808]"), "too large"},
        {OF("[0,18446744073709551616]"), "too large"},
        {OF("[0,1000000000000000000000000000000]"), "too large"},
        {OF("[9223372036854775807,3,0]"), "too large"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct st_file *f = NULL;
        struct errbuf eb = {0};
        int rc = open_header(&f, bad[i].json, &eb);

        if (rc != RF_EFORMAT || !strstr(eb.text, bad[i].says) || !strstr(eb.text, "'x'") || f)
            fail_msg("%s: %s: %s", bad[i].json, rf_strerror(rc), eb.text);
    }
}

static void unusual_headers_are_read(void **state)
{
    static const char *const good[] = {
        "{\"a\":{" EMPTY "}} \n\t\r",
        "{ \"a\" : { \"data_offsets\" : [ 0 , 0 ] , \"shape\" : [ 0 ] , \"dtype\" : \"U8\" } }",
        "{\"\\u0061\":{\"dt\\u0079pe\":\"\\u00558\",\"shape\":[0],\"data_offsets\":[0,0]}}",
        "{\"a\":{" EMPTY "},\"__metadata__\":{\"\":\"\",\"b\":\"\\ud83c\\udf31\"}}",
        "{\"a\":{" EMPTY "},\"__metadata__\":{}}",
        OF("[0,9223372036854775807]"),
    };
    (void)state;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct st_file *f = NULL;
        struct errbuf eb = {0};

        if (open_header(&f, good[i], &eb) != RF_OK)
            fail_msg("%s: %s", good[i], eb.text);
        assert_int_equal(st_count(f), 1);
        assert_non_null(st_find(f, "a"));
        if (strstr(good[i], "ud83c")) {
            assert_string_equal(st_metadata(f, ""), "");
            assert_string_equal(st_metadata(f, "b"), "\xF0\x9F\x8C\xB1");
        }
        assert_null(st_metadata(f, "c"));
        st_close(f);
    }
}

static void so_many(struct buf *json, int n)
{
    buf_clear(json);
    for (int i = 0; i < n; i++)
        assert_int_equal(
            buf_printf(json,
                       "%s\"%d\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}",
                       i ? "," : "{", i),
            RF_OK);
    assert_int_equal(buf_printf(json, "}%*s", (int)(-(json->len + 1) % 8), ""), RF_OK);
}

static void the_limit_of_tensors_holds(void **state)
{
    struct st_file *f = NULL;
    struct errbuf eb = {0};
    struct buf json = {0};
    (void)state;

    so_many(&json, ST_TENSORS_MAX);
    write_header("many", &json);
    assert_int_equal(st_open(&f, "many", NULL), RF_OK);
    assert_int_equal(st_count(f), ST_TENSORS_MAX);
    st_close(f);
    so_many(&json, ST_TENSORS_MAX + 1);
    write_header("many", &json);
    assert_int_equal(st_open(&f, "many", &eb), RF_ERANGE);
    assert_string_equal(eb.text, "header of 'many' has over 100000 tensors");
    buf_free(&json);
}

static void what_is_no_plain_file_is_refused(void **state)
{
    struct st_file *f = NULL;
    struct errbuf eb;
    (void)state;

    assert_int_equal(st_open(&f, "none", &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot open 'none': No such file or directory");
    assert_int_equal(st_open(&f, ".", &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot read '.': not a plain file");
    assert_int_equal(st_open(&f, "/dev/null", &eb), RF_EIO);
}

/* --- writing */

enum { OURS = 4 };
struct ours {
    float data[32];
    struct tensor t[OURS];
};

static void make_ours(struct ours *o)
{
    static const struct tensor t[OURS] = {{"a.weight", 2, {3, 2}, NULL, NULL},
                                          {"b", 0, {0}, NULL, NULL},
                                          {"가", 2, {0, 4}, NULL, NULL},
                                          {"나", 4, {2, 1, 1, 2}, NULL, NULL}};
    float *at = o->data;

    for (size_t i = 0; i < OURS; i++) {
        o->t[i] = t[i];
        o->t[i].data = at;
        for (size_t k = 0; k < tensor_count(&t[i]); k++)
            *at++ = golden_f32(k);
    }
}

static const char *const pt[] = {"format", "pt", NULL};

static void ours_is_byte_for_byte_that_of_the_package(void **state)
{
    struct buf want = {0}, got = {0};
    struct errbuf eb = {0};
    struct st_sum sum;
    struct ours o;
    (void)state;

    make_ours(&o);
    if (st_write("ours", o.t, OURS, pt, &sum, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    assert_int_equal(input_slurp(&want, golden("good", "ours"), INPUT_RAW, 4096, NULL), RF_OK);
    assert_int_equal(input_slurp(&got, "ours", INPUT_RAW, 4096, NULL), RF_OK);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.data, want.data, want.len);
    assert_int_equal(sum.bytes, want.len);
    assert_int_not_equal(access("ours.tmp", F_OK), 0);
    buf_free(&want);
    buf_free(&got);
}

static void what_cannot_be_written_is_refused(void **state)
{
    struct errbuf eb;
    struct ours o;
    (void)state;

    make_ours(&o);
    assert_int_equal(st_write("/dev/full", o.t, OURS, NULL, NULL, &eb), RF_EIO);
    assert_int_equal(st_write("none/ours", o.t, OURS, NULL, NULL, &eb), RF_EIO);
    snprintf(o.t[1].name, sizeof o.t[1].name, "a.weight");
    assert_int_equal(st_write("bad", o.t, OURS, NULL, NULL, &eb), RF_EINVAL);
    assert_string_equal(eb.text, "cannot write tensor 'a.weight' twice");
    o.t[1].name[0] = '\0';
    assert_int_equal(st_write("bad", o.t, OURS, NULL, NULL, &eb), RF_EINVAL);
    memset(o.t[1].name, 'x', sizeof o.t[1].name);
    assert_int_equal(st_write("bad", o.t, OURS, NULL, NULL, &eb), RF_EINVAL);
    snprintf(o.t[1].name, sizeof o.t[1].name, "\xFF");
    assert_int_equal(st_write("bad", o.t, OURS, NULL, NULL, &eb), RF_EINVAL);
    assert_int_not_equal(access("bad", F_OK), 0);
}

/* --- numbers that lie in no one array: pieces of an array of all, by the tensors' places */

struct pile {
    struct tensor_store store;
    const struct tensor *first;
    float at[1 << 19], got[1 << 19];
    size_t begin[2], most; /* where each tensor begins; the longest piece asked for */
    bool refuses;
};

static int pile_get(void *self, const struct tensor *t, size_t first, size_t n, float *to,
                    struct errbuf *eb)
{
    struct pile *p = self;

    if (p->refuses && first)
        return err_set(eb, RF_EINVAL, "not today");
    p->most = p->most < n ? n : p->most;
    memcpy(to, p->at + p->begin[t - p->first] + first, n * sizeof *to);
    return RF_OK;
}

static int pile_put(void *self, const struct tensor *t, const float *x, struct errbuf *eb)
{
    struct pile *p = self;

    if (p->refuses)
        return err_set(eb, RF_EINVAL, "not today");
    memcpy(p->got + p->begin[t - p->first], x, tensor_count(t) * sizeof *x);
    return RF_OK;
}

static void a_store_gives_and_takes_numbers(void **state)
{
    struct tensor t[] = {{"large", 2, {300, 1000}, NULL, NULL}, {"small", 1, {5}, NULL, NULL}};
    struct pile *p = calloc(1, sizeof *p);
    struct buf want = {0}, got = {0};
    struct st_file *f = NULL;
    struct errbuf eb;
    (void)state;

    assert_non_null(p);
    p->store = (struct tensor_store){p, pile_get, pile_put};
    p->first = t;
    p->begin[1] = 300000;
    for (size_t i = 0; i < 300005; i++)
        p->at[i] = (float)i;
    for (int i = 0; i < 2; i++)
        t[i].data = p->at + p->begin[i];
    assert_int_equal(st_write("plain", t, 2, pt, NULL, NULL), RF_OK);
    for (int i = 0; i < 2; i++) {
        t[i].data = NULL;
        t[i].store = &p->store;
    }
    assert_int_equal(st_write("stored", t, 2, pt, NULL, NULL), RF_OK);
    assert_true(p->most < 300000); /* piece by piece */
    assert_int_equal(input_slurp(&want, "plain", INPUT_RAW, 1 << 22, NULL), RF_OK);
    assert_int_equal(input_slurp(&got, "stored", INPUT_RAW, 1 << 22, NULL), RF_OK);
    assert_int_equal(got.len, want.len);
    assert_memory_equal(got.data, want.data, want.len);
    assert_int_equal(st_open(&f, "stored", NULL), RF_OK);
    assert_int_equal(st_read_into(f, t, 2, "stored", NULL), RF_OK);
    assert_memory_equal(p->got, p->at, sizeof p->got);
    p->refuses = true;
    assert_int_equal(st_read_into(f, t, 2, "stored", &eb), RF_EINVAL);
    assert_string_equal(eb.text, "not today");
    assert_int_equal(st_write("refused", t, 2, pt, NULL, &eb), RF_EINVAL);
    assert_string_equal(eb.text, "not today");
    assert_int_not_equal(access("refused", F_OK), 0);
    assert_int_not_equal(access("refused.tmp", F_OK), 0);
    st_close(f);
    buf_free(&want);
    buf_free(&got);
    free(p);
}

/* --- reading into a model's tensors */

static int read_ours(struct ours *o, size_t n, struct errbuf *eb)
{
    struct st_file *f = open_good("ours");
    int rc = st_read_into(f, o->t, n, "x", eb);

    st_close(f);
    return rc;
}

static void tensors_are_read_by_name(void **state)
{
    struct errbuf eb = {0};
    struct tensor swap;
    struct ours o;
    (void)state;

    make_ours(&o);
    memset(o.data, 0, sizeof o.data);
    swap = o.t[0];
    o.t[0] = o.t[3];
    o.t[3] = swap;
    assert_int_equal(read_ours(&o, OURS, &eb), RF_OK);
    for (size_t i = 0; i < OURS; i++)
        for (size_t k = 0; k < tensor_count(&o.t[i]); k++)
            assert_true(o.t[i].data[k] == golden_f32(k));
}

static void another_model_is_refused(void **state)
{
    struct errbuf eb = {0};
    struct ours o;
    (void)state;

    make_ours(&o);
    assert_int_equal(read_ours(&o, OURS - 1, &eb), RF_EFORMAT);
    assert_string_equal(eb.text, "'x' has 4 tensors, wanted 3");
    o.t[0].shape[0] = 2;
    o.t[0].shape[1] = 3;
    assert_int_equal(read_ours(&o, OURS, &eb), RF_EFORMAT);
    assert_string_equal(eb.text, "tensor 'a.weight' in 'x': shape is not that of the model");
    make_ours(&o);
    o.t[1].dims = 1;
    o.t[1].shape[0] = 1;
    assert_int_equal(read_ours(&o, OURS, &eb), RF_EFORMAT);
    make_ours(&o);
    snprintf(o.t[2].name, sizeof o.t[2].name, "other");
    assert_int_equal(read_ours(&o, OURS, &eb), RF_EFORMAT);
    assert_string_equal(eb.text, "tensor 'other' in 'x': not there");
}

static void another_type_is_refused(void **state)
{
    struct tensor i = {"i", 2, {1, 2}, NULL, NULL};
    struct st_file *f = open_good("mixed");
    struct tensor t[5];
    float room[8];
    (void)state;

    for (size_t k = 0; k < 5; k++) {
        t[k] = i;
        t[k].data = room;
    }
    assert_int_equal(st_read_into(f, t, 5, "x", NULL), RF_EFORMAT);
    st_close(f);
}

static void what_is_not_finite_is_refused(void **state)
{
    static const float odd[] = {NAN, INFINITY, -INFINITY};
    (void)state;

    for (size_t k = 0; k < sizeof odd / sizeof *odd; k++) {
        struct st_file *f = NULL;
        struct errbuf eb = {0};
        struct ours o;

        make_ours(&o);
        o.t[3].data[3] = odd[k];
        assert_int_equal(st_write("odd", o.t, OURS, NULL, NULL, NULL), RF_OK);
        assert_int_equal(st_open(&f, "odd", NULL), RF_OK);
        assert_int_equal(st_read_into(f, o.t, OURS, "odd", &eb), RF_ENAN);
        assert_string_equal(eb.text, "tensor '나' in 'odd': not all numbers are finite");
        st_close(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_the_package_are_read),
        cmocka_unit_test(odd_shapes_are_read),
        cmocka_unit_test(hostile_files_are_refused),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(hostile_headers_are_refused),
        cmocka_unit_test(unusual_headers_are_read),
        cmocka_unit_test(the_limit_of_tensors_holds),
        cmocka_unit_test(what_is_no_plain_file_is_refused),
        cmocka_unit_test(ours_is_byte_for_byte_that_of_the_package),
        cmocka_unit_test(what_cannot_be_written_is_refused),
        cmocka_unit_test(a_store_gives_and_takes_numbers),
        cmocka_unit_test(tensors_are_read_by_name),
        cmocka_unit_test(another_model_is_refused),
        cmocka_unit_test(another_type_is_refused),
        cmocka_unit_test(what_is_not_finite_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
