/* test_vocab: rf-vocab(5) as it is read, and strtab, which it stands on. */
#include "golden.h"

#include <string.h>
#include <xxhash.h>

#include "base/strtab.h"
#include "shard/shard.h"
#include "wordpiece/vocab.h"

static void write_file(const char *text, size_t len)
{
    FILE *f = fopen("v.txt", "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static struct vocab *read_text(const char *text, uint64_t *odd)
{
    struct vocab *v = NULL;
    struct errbuf eb = {0};

    write_file(text, strlen(text));
    if (vocab_read(&v, "v.txt", odd, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    return v;
}

static int32_t find(const struct vocab *v, const char *token)
{
    return vocab_find(v, token, strlen(token));
}

static void ids_are_line_numbers(void **state)
{
    uint64_t odd = 9;
    struct vocab *v = read_text("[PAD]\n[UNK]\na\n##b\n가", &odd);
    size_t len;

    (void)state;
    assert_int_equal(vocab_size(v), 5);
    assert_int_equal(odd, 0);
    assert_int_equal(find(v, "가"), 4);
    assert_int_equal(find(v, "##b"), 3);
    assert_int_equal(find(v, "b"), -1);
    assert_int_equal(find(v, ""), -1);
    assert_string_equal(vocab_token(v, 4, &len), "가");
    assert_int_equal(len, 3);
    assert_int_equal(vocab_special(v).pad, 0);
    assert_int_equal(vocab_special(v).unk, 1);
    assert_int_equal(vocab_special(v).cls, -1);
    assert_int_equal(vocab_special(v).sep, -1);
    assert_int_equal(vocab_special(v).mask, -1);
    vocab_free(v);
}

static void odd_lines_keep_their_ids(void **state)
{
    uint64_t odd = 0;
    struct vocab *v = read_text("a\r\n\nb \na\n##c\u3000\u00A0\n \t\r\nd\v\r\ne\x1F\n\n", &odd);

    (void)state;
    assert_int_equal(vocab_size(v), 9);
    assert_int_equal(odd, 7); /* all but a CR LF and e, which ends in no white space */
    assert_int_equal(find(v, "a"), 3);
    assert_string_equal(vocab_token(v, 0, NULL), "a");
    assert_int_equal(find(v, "b"), 2);
    assert_int_equal(find(v, "##c"), 4);
    assert_int_equal(find(v, ""), 8);
    assert_int_equal(find(v, "d"), 6);
    assert_int_equal(find(v, "e\x1F"), 7);
    vocab_free(v);
}

static void bad_files_are_refused(void **state)
{
    struct vocab *v = NULL;
    struct errbuf eb = {0};

    (void)state;
    assert_int_equal(vocab_read(&v, "no-such-file", NULL, &eb), RF_EIO);
    assert_non_null(strstr(eb.text, "no-such-file"));
    write_file("", 0);
    assert_int_equal(vocab_read(&v, "v.txt", NULL, &eb), RF_EFORMAT);
    assert_string_equal(eb.text, "no token in 'v.txt': it is empty");
    write_file("a\nb\xFF\n", 5);
    assert_int_equal(vocab_read(&v, "v.txt", NULL, &eb), RF_EFORMAT);
    assert_string_equal(eb.text, "not UTF-8 in 'v.txt', byte 3");
    assert_null(v);
}

static void the_digest_is_of_the_bytes(void **state)
{
    static const char text[] = "[UNK]\na\n";
    struct vocab *v = read_text(text, NULL), *crlf = read_text("[UNK]\r\na\n", NULL);
    XXH128_canonical_t want;

    (void)state;
    XXH128_canonicalFromHash(&want, XXH3_128bits(text, strlen(text)));
    assert_memory_equal(vocab_digest(v), want.digest, SHARD_DIGEST_BYTES);
    assert_memory_not_equal(vocab_digest(crlf), want.digest, SHARD_DIGEST_BYTES);
    vocab_free(v);
    vocab_free(crlf);
}

static void strings_are_numbered(void **state)
{
    struct strtab t = {0};
    size_t i, len;
    char s[16];

    (void)state;
    assert_int_equal(strtab_find(&t, "a", 1), STRTAB_NONE);
    for (int round = 0; round < 2; round++) {
        for (size_t k = 0; k < 5000; k++) {
            snprintf(s, sizeof s, "%zu", k * k);
            assert_int_equal(strtab_add(&t, s, strlen(s), &i), RF_OK);
            assert_int_equal(i, k);
        }
    }
    assert_int_equal(t.n, 5000);
    assert_string_equal(strtab_get(&t, 4999, &len), "24990001");
    assert_int_equal(len, 8);
    assert_int_equal(strtab_find(&t, "24990001", 8), 4999);
    assert_int_equal(strtab_find(&t, "24990001", 7), STRTAB_NONE);
    assert_int_equal(strtab_add(&t, "", 0, &i), RF_OK);
    assert_int_equal(strtab_add(&t, "a\0b", 3, &i), RF_OK);
    assert_int_equal(strtab_find(&t, "a", 1), STRTAB_NONE);
    assert_int_equal(strtab_find(&t, "", 0), 5000);
    assert_int_equal(strtab_find(&t, "a\0b", 3), 5001);
    strtab_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_line_numbers),  cmocka_unit_test(odd_lines_keep_their_ids),
        cmocka_unit_test(bad_files_are_refused), cmocka_unit_test(the_digest_is_of_the_bytes),
        cmocka_unit_test(strings_are_numbered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
