/* test_io: lines wherever blocks end, compressed input cut anywhere, outputs whole or absent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <bzlib.h>
#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/io.h"

enum { BLOCK = 256 << 10 }; /* what is read at once */

static void write_file(const char *path, const void *p, size_t n)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static char f_name[] = "f", g_name[] = "g", missing_name[] = "missing", folder_name[] = ".",
            fifo_name[] = "fifo";

/* --- lines */

/* All lines of the files, each ended by '|'; its length counts, not its NUL. */
static int read_all(struct buf *to, char *const *names, int n, enum invalid_mode invalid,
                    struct errbuf *eb)
{
    struct text_cfg cfg = {.invalid = (int)invalid};
    struct lines *l = NULL;
    const char *text;
    size_t len;
    int rc = lines_open(&l, names, n, &cfg, eb);

    buf_clear(to);
    while (rc == RF_OK && (rc = lines_next(l, &text, &len, eb)) == 1) {
        assert_int_equal(text[len], '\0');
        assert_int_equal(buf_put(to, text, len), RF_OK);
        assert_int_equal(buf_put(to, "|", 1), RF_OK);
        rc = RF_OK;
    }
    lines_close(l);
    return rc;
}

static void line_ends(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        const char *want;
        size_t want_n;
    } cases[] = {
#define CASE(text, want) {text, sizeof text - 1, want, sizeof want - 1}
        CASE("", ""),
        CASE("\n", "|"),
        CASE("\n\n", "||"),
        CASE("a", "a|"),
        CASE("a\n", "a|"),
        CASE("a\nb", "a|b|"),
        CASE("a\r\nb\r\n", "a|b|"),
        CASE("\r\n", "|"),
        CASE("a\rb\n", "a\rb|"),
        CASE("a\r\r\n", "a\r|"),
        CASE("a\r", "a\r|"), /* no LF: the CR is text */
        CASE("a\0b\n", "a\0b|"),
        CASE("\xEF\xBB\xBFx\n", "x|"),
        CASE("\xEF\xBB\xBF", ""),
        CASE("\xEF\xBB\xBF\n\xEF\xBB\xBFx", "|\xEF\xBB\xBFx|"),
#undef CASE
    };
    char *const names[] = {f_name};
    struct buf got = {0};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file("f", cases[i].text, cases[i].n);
        assert_int_equal(read_all(&got, names, 1, INVALID_REFUSE, NULL), RF_OK);
        if (got.len != cases[i].want_n ||
            (got.len && memcmp(got.data, cases[i].want, got.len) != 0))
            fail_msg("case %zu: '%s'", i, got.data);
    }
    buf_free(&got);
}

/* Lines whose ends fall on, before and behind the end of a block. */
static void lines_over_the_border_of_blocks(void **state)
{
    static const char *const ends[] = {"\n", "\r\n"};
    char *const names[] = {f_name};
    (void)state;

    for (int e = 0; e < 2; e++)
        for (size_t first = BLOCK - 4; first <= BLOCK + 4; first++) {
            struct buf text = {0}, want = {0}, got = {0};

            for (size_t k = 0; k < first; k += 3) /* three bytes each: they are cut, too */
                assert_int_equal(buf_put(&text, "\xEA\xB0\x80", 3), RF_OK);
            assert_int_equal(buf_put(&want, text.data, text.len), RF_OK);
            assert_int_equal(buf_printf(&text, "%sb%s", ends[e], ends[e]), RF_OK);
            assert_int_equal(buf_printf(&want, "|b|"), RF_OK);
            write_file("f", text.data, text.len);
            assert_int_equal(read_all(&got, names, 1, INVALID_REFUSE, NULL), RF_OK);
            assert_int_equal(got.len, want.len);
            assert_memory_equal(got.data, want.data, want.len);
            buf_free(&text);
            buf_free(&want);
            buf_free(&got);
        }
}

/* The same bytes through a pipe, `piece` at a time. */
static void feed_fifo(const char *p, size_t n, size_t piece)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child)
        return;
    int fd = open(fifo_name, O_WRONLY);

    while (n && fd >= 0) {
        ssize_t wrote = write(fd, p, n < piece ? n : piece);

        if (wrote <= 0)
            break;
        p += wrote;
        n -= (size_t)wrote;
    }
    _exit(0);
}

static void pipes_may_give_any_pieces(void **state)
{
    static const char text[] = "one\r\n\xEA\xB0\x80\xEB\x82\x98\n\nlast";
    static const size_t pieces[] = {1, 2, 3, 5, 7, 100};
    char *const names[] = {fifo_name};
    struct buf got = {0};
    (void)state;

    assert_true(mkfifo("fifo", 0666) == 0 || errno == EEXIST);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        /* inputs_try() looks at the name without opening it */
        feed_fifo(text, sizeof text - 1, pieces[i]);
        assert_int_equal(read_all(&got, names, 1, INVALID_REFUSE, NULL), RF_OK);
        assert_string_equal(got.data, "one|\xEA\xB0\x80\xEB\x82\x98||last|");
        assert_true(wait(NULL) > 0);
    }
    buf_free(&got);
}

static void invalid_text_is_refused_with_its_place(void **state)
{
    char *const names[] = {f_name};
    struct buf text = {0}, got = {0};
    struct errbuf eb;
    (void)state;

    write_file("f", "ok\nab\xFF\n", 7);
    assert_int_equal(read_all(&got, names, 1, INVALID_REFUSE, &eb), RF_EFORMAT);
    assert_string_equal(eb.text, "not UTF-8 in 'f', line 2, byte 5 of the text");
    while (text.len < 3 * BLOCK)
        assert_int_equal(buf_put(&text, "0123456789\n", 11), RF_OK);
    assert_int_equal(buf_put(&text, "abc\xE2\x82\n", 6), RF_OK);
    write_file("f", text.data, text.len);
    assert_int_equal(read_all(&got, names, 1, INVALID_REFUSE, &eb), RF_EFORMAT);
    buf_clear(&got);
    assert_int_equal(buf_printf(&got, "not UTF-8 in 'f', line %zu, byte %zu of the text",
                                text.len / 11 + 1, text.len - 3),
                     RF_OK);
    assert_string_equal(eb.text, got.data);
    write_file("f", "a\xFF\nb\xE2\x82\n", 7);
    assert_int_equal(read_all(&got, names, 1, INVALID_REPLACE, &eb), RF_OK);
    assert_string_equal(got.data, "a\xEF\xBF\xBD|b\xEF\xBF\xBD|");
    buf_free(&text);
    buf_free(&got);
}

static void several_files_are_read_one_after_the_other(void **state)
{
    static const struct text_cfg plain = {0};
    char *const names[] = {f_name, g_name, f_name};
    static const char *const want[] = {"f 1 a", "f 2 b", "g 1 c", "f 1 a", "f 2 b"};
    struct lines *l = NULL;
    const char *text;
    size_t len, i = 0;
    (void)state;

    write_file("f", "a\nb", 3); /* no LF at its end: still a line of its own */
    write_file("g", "c\n", 2);
    assert_int_equal(lines_open(&l, names, 3, &plain, NULL), RF_OK);
    assert_int_equal(lines_size(l), 8);
    while (lines_next(l, &text, &len, NULL) == 1) {
        char got[64];

        snprintf(got, sizeof got, "%s %d %s", lines_name(l), (int)lines_number(l), text);
        assert_string_equal(got, want[i++]);
    }
    assert_int_equal(i, 5);
    assert_int_equal(lines_total(l), 5);
    assert_int_equal(lines_bytes(l), 8);
    assert_int_equal(lines_consumed(l), 8);
    lines_close(l);
}

static void a_missing_file_is_found_before_any_work(void **state)
{
    static const struct text_cfg plain = {0};
    char *const missing[] = {f_name, missing_name}, *const folder[] = {f_name, folder_name};
    struct lines *l = NULL;
    struct errbuf eb;
    (void)state;

    write_file("f", "a\n", 2);
    assert_int_equal(lines_open(&l, missing, 2, &plain, &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot open 'missing': No such file or directory");
    assert_int_equal(lines_open(&l, folder, 2, &plain, &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot read '.': it is a folder");
    assert_null(l);
}

static void a_line_has_a_limit(void **state)
{
    char *const names[] = {f_name};
    struct buf got = {0};
    struct errbuf eb;
    FILE *f = fopen("f", "wb");
    (void)state;

    assert_int_equal(ftruncate(fileno(f), LINE_MAX_BYTES + 2 * BLOCK), 0); /* all NUL */
    assert_int_equal(fclose(f), 0);
    assert_int_equal(read_all(&got, names, 1, INVALID_REFUSE, &eb), RF_ERANGE);
    assert_string_equal(eb.text, "line 1 of 'f' is longer than 64 MiB");
    assert_int_equal(unlink("f"), 0);
    buf_free(&got);
}

/* --- compressed input */

static size_t by_zstd(char *to, size_t cap, char *p, size_t n)
{
    return ZSTD_compress(to, cap, p, n, 3);
}

static size_t by_gzip(char *to, size_t cap, char *p, size_t n)
{
    z_stream z = {.next_in = (Bytef *)p,
                  .avail_in = (uInt)n,
                  .next_out = (Bytef *)to,
                  .avail_out = (uInt)cap};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return z.total_out;
}

static size_t by_bzip2(char *to, size_t cap, char *p, size_t n)
{
    unsigned made = (unsigned)cap;

    assert_int_equal(BZ2_bzBuffToBuffCompress(to, &made, p, (unsigned)n, 9, 0, 0), BZ_OK);
    return made;
}

static size_t by_xz(char *to, size_t cap, char *p, size_t n)
{
    size_t made = 0;

    assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, (uint8_t *)p, n,
                                             (uint8_t *)to, &made, cap),
                     LZMA_OK);
    return made;
}

static int slurp(struct buf *to, struct errbuf *eb)
{
    buf_clear(to);
    return input_slurp(to, "f", INPUT_TEXT, 1 << 20, eb);
}

/* Whole, twice in a row, and cut at every byte behind those that tell the format. */
static void check_format(size_t (*compress_)(char *to, size_t cap, char *p, size_t n))
{
    enum { HEAD = 10, CAP = 4096 };
    static char text[] = "some text, some more text, and some other text; 가나다\n";
    size_t n = sizeof text - 1, bytes;
    char packed[2 * CAP];
    struct buf got = {0};
    struct errbuf eb = {0};

    bytes = compress_(packed, CAP, text, n);
    memcpy(packed + bytes, packed, bytes);
    write_file("f", packed, bytes);
    if (slurp(&got, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    assert_string_equal(got.data, text);
    write_file("f", packed, 2 * bytes);
    assert_int_equal(slurp(&got, &eb), RF_OK);
    assert_int_equal(got.len, 2 * n);
    for (size_t cut = HEAD; cut < 2 * bytes; cut++) {
        write_file("f", packed, cut);
        if (cut != bytes && slurp(&got, &eb) != RF_ETRUNC)
            fail_msg("cut at %zu of %zu: %s", cut, bytes, eb.text);
    }
    packed[bytes / 2] ^= 1; /* not all formats notice every flip; none may crash */
    write_file("f", packed, bytes);
    (void)!slurp(&got, &eb);
    buf_free(&got);
}

static void compressed_files_are_read(void **state)
{
    (void)state;
    check_format(by_zstd);
    check_format(by_gzip);
    check_format(by_bzip2);
    check_format(by_xz);
}

static void raw_input_is_left_as_it_is(void **state)
{
    static char text[] = "text";
    char packed[256];
    size_t n = by_zstd(packed, sizeof packed, text, 4);
    struct buf got = {0};
    (void)state;

    write_file("f", packed, n);
    assert_int_equal(input_slurp(&got, "f", INPUT_RAW, n, NULL), RF_OK);
    assert_int_equal(got.len, n);
    assert_memory_equal(got.data, packed, n);
    buf_clear(&got);
    assert_int_equal(input_slurp(&got, "f", INPUT_RAW, n - 1, NULL), RF_ERANGE);
    buf_free(&got);
}

/* --- outputs */

static const char *content(const char *path)
{
    static char text[256];
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    text[n < 0 ? 0 : n] = '\0';
    return n < 0 ? "(absent)" : text;
}

static int no_files(void **state)
{
    (void)state;
    (void)unlink("out");
    (void)unlink("out.tmp");
    return 0;
}

static struct output *open_output(const char *name, const char *text)
{
    struct output *o = NULL;
    struct errbuf eb = {0};

    if (output_open(&o, name, OUTPUT_BINARY, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    assert_true(fputs(text, output_file(o)) >= 0);
    return o;
}

static void an_output_appears_whole(void **state)
{
    struct output *o = open_output("out", "first");
    (void)state;

    assert_string_equal(content("out"), "(absent)");
    assert_int_equal(output_commit(o, NULL), RF_OK);
    assert_string_equal(content("out"), "first");
    o = open_output("out", "second");
    assert_int_equal(fflush(output_file(o)), 0);
    assert_string_equal(content("out"), "first");
    assert_int_equal(output_commit(o, NULL), RF_OK);
    assert_string_equal(content("out"), "second");
    assert_string_equal(content("out.tmp"), "(absent)");
}

static void an_output_given_up_leaves_the_old_one(void **state)
{
    (void)state;

    write_file("out", "old", 3);
    output_abort(open_output("out", "new"));
    assert_string_equal(content("out"), "old");
    assert_string_equal(content("out.tmp"), "(absent)");
    output_abort(NULL);
}

static void what_a_killed_writer_left_is_used_again(void **state)
{
    (void)state;

    write_file("out.tmp", "left behind, and longer", 23);
    assert_int_equal(output_commit(open_output("out", "new"), NULL), RF_OK);
    assert_string_equal(content("out"), "new");
}

static void two_writers_do_not_mix(void **state)
{
    struct output *one = open_output("out", "one"), *two = NULL;
    struct errbuf eb;
    (void)state;

    assert_int_equal(output_open(&two, "out", OUTPUT_TEXT, &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot write 'out': another process is writing it");
    assert_int_equal(output_commit(one, NULL), RF_OK);
    assert_string_equal(content("out"), "one");
    assert_int_equal(output_commit(open_output("out", "two"), NULL), RF_OK);
    assert_string_equal(content("out"), "two");
}

static void a_link_stays_and_its_file_is_written(void **state)
{
    struct output *o = NULL;
    struct stat st;
    (void)state;

    write_file("f", "old", 3);
    assert_int_equal(symlink("f", "out"), 0);
    assert_int_equal(output_commit(open_output("out", "new"), NULL), RF_OK);
    assert_int_equal(lstat("out", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_string_equal(content("f"), "new");
    assert_int_equal(unlink("f"), 0);
    assert_int_equal(output_open(&o, "out", OUTPUT_TEXT, NULL), RF_EIO);
}

/* What lies under the temporary name may be a trap. */
static void links_are_not_followed(void **state)
{
    struct output *o = NULL;
    (void)state;

    write_file("f", "precious", 8);
    assert_int_equal(symlink("f", "out.tmp"), 0);
    assert_int_equal(output_open(&o, "out", OUTPUT_TEXT, NULL), RF_EIO);
    assert_string_equal(content("f"), "precious");
}

static void what_cannot_be_written_is_an_error(void **state)
{
    struct output *o = NULL;
    struct errbuf eb;
    (void)state;

    assert_int_equal(output_open(&o, "none/out", OUTPUT_TEXT, &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot create 'none/out': No such file or directory");
    assert_int_equal(output_open(&o, ".", OUTPUT_TEXT, &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot write '.': Is a directory");
    assert_int_equal(output_commit(open_output("/dev/full", "x"), &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot write '/dev/full': No space left on device");
    o = open_output("/dev/full", "x");
    assert_int_equal(output_settle(o, &eb), RF_EIO);
    output_abort(o);
    assert_int_equal(output_commit(open_output("/dev/null", "x"), &eb), RF_OK);
}

static void a_terminal_gets_no_binary(void **state)
{
    int pty = posix_openpt(O_RDWR | O_NOCTTY), status;
    pid_t child;
    (void)state;

    if (pty < 0 || grantpt(pty) != 0 || unlockpt(pty) != 0)
        skip();
    child = fork();
    if (child == 0) {
        struct output *o = NULL;

        if (dup2(open(ptsname(pty), O_RDWR | O_NOCTTY), STDOUT_FILENO) < 0)
            _exit(9);
        _exit((output_open(&o, NULL, OUTPUT_BINARY, NULL) == RF_EUSAGE ? 1 : 0) |
              (output_open(&o, "-", OUTPUT_TEXT, NULL) == RF_OK ? 2 : 0));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 3);
    close(pty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_ends),
        cmocka_unit_test(lines_over_the_border_of_blocks),
        cmocka_unit_test(pipes_may_give_any_pieces),
        cmocka_unit_test(invalid_text_is_refused_with_its_place),
        cmocka_unit_test(several_files_are_read_one_after_the_other),
        cmocka_unit_test(a_missing_file_is_found_before_any_work),
        cmocka_unit_test(a_line_has_a_limit),
        cmocka_unit_test(compressed_files_are_read),
        cmocka_unit_test(raw_input_is_left_as_it_is),
        cmocka_unit_test_setup(an_output_appears_whole, no_files),
        cmocka_unit_test_setup(an_output_given_up_leaves_the_old_one, no_files),
        cmocka_unit_test_setup(what_a_killed_writer_left_is_used_again, no_files),
        cmocka_unit_test_setup(two_writers_do_not_mix, no_files),
        cmocka_unit_test_setup(a_link_stays_and_its_file_is_written, no_files),
        cmocka_unit_test_setup(links_are_not_followed, no_files),
        cmocka_unit_test_setup(what_cannot_be_written_is_an_error, no_files),
        cmocka_unit_test_setup(a_terminal_gets_no_binary, no_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
