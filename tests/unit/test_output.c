/* What may lie under the names that an output takes, and what a rewrite keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/io.h"

static int no_files(void **state)
{
    (void)state;
    (void)unlink("out");
    (void)unlink("out.tmp");
    (void)unlink("f");
    umask(022);
    return 0;
}

static void put_file(const char *name, const char *text, mode_t mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static void assert_content(const char *name, const char *wanted)
{
    struct buf text = {0};
    struct errbuf eb = {0};

    if (input_slurp(&text, name, INPUT_RAW, 1 << 20, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    assert_string_equal(text.data, wanted);
    buf_free(&text);
}

static mode_t mode_of(const char *name)
{
    struct stat st;

    assert_int_equal(lstat(name, &st), 0);
    return st.st_mode & 07777;
}

static void write_out(const char *text)
{
    struct errbuf eb = {0};

    if (output_write("out", OUTPUT_TEXT, text, strlen(text), &eb) != RF_OK)
        fail_msg("%s", eb.text);
}

/* out.tmp is no file that a killed run left. */
static void assert_in_the_way(void)
{
    struct errbuf eb = {0};
    struct output *o = NULL;
    struct stat st;

    assert_int_equal(output_open(&o, "out", OUTPUT_TEXT, &eb), RF_EIO);
    assert_null(o);
    assert_string_equal(eb.text, "cannot write 'out': 'out.tmp' is in the way, and not left by "
                                 "a killed run");
    assert_int_equal(lstat("out.tmp", &st), 0);
    assert_int_not_equal(access("out", F_OK), 0);
}

static void a_hard_link_is_not_written_through(void **state)
{
    (void)state;

    put_file("f", "precious", 0600);
    assert_int_equal(link("f", "out.tmp"), 0);
    assert_in_the_way();
    assert_content("f", "precious");
}

static void a_link_is_not_followed(void **state)
{
    (void)state;

    put_file("f", "precious", 0600);
    assert_int_equal(symlink("f", "out.tmp"), 0);
    assert_in_the_way();
    assert_content("f", "precious");
}

static void a_fifo_is_not_waited_for(void **state)
{
    (void)state;

    assert_int_equal(mkfifo("out.tmp", 0666), 0);
    alarm(20); /* a hang ends as a failure */
    assert_in_the_way();
    alarm(0);
}

static void a_socket_and_a_folder_are_refused(void **state)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "out.tmp"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)state;

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_in_the_way();
    close(fd);
    assert_int_equal(unlink("out.tmp"), 0);
    assert_int_equal(mkdir("out.tmp", 0777), 0);
    assert_in_the_way();
    assert_int_equal(rmdir("out.tmp"), 0);
}

/* What was left is not taken over: neither bytes nor mode nor owner of it come into the output,
 * nor does whoever holds it open see what is written. */
static void what_was_left_is_replaced_by_a_new_file(void **state)
{
    char text[8] = "";
    struct stat st;
    int fd;
    (void)state;

    put_file("out.tmp", "left", 0666);
    if (geteuid() == 0)
        assert_int_equal(chown("out.tmp", 12345, 12345), 0);
    fd = open("out.tmp", O_RDONLY);
    write_out("new");
    assert_content("out", "new");
    assert_int_equal(mode_of("out"), 0644);
    assert_int_equal(stat("out", &st), 0);
    assert_int_equal(st.st_uid, geteuid());
    assert_int_not_equal(access("out.tmp", F_OK), 0);
    assert_int_equal(read(fd, text, sizeof text - 1), 4);
    assert_string_equal(text, "left");
    close(fd);
}

static void a_rewrite_keeps_the_mode(void **state)
{
    (void)state;

    put_file("out", "secret", 0600);
    write_out("new secret");
    assert_int_equal(mode_of("out"), 0600);
    assert_int_equal(chmod("out", 0666), 0); /* which no new file has under this umask */
    write_out("open");
    assert_int_equal(mode_of("out"), 0666);
    assert_content("out", "open");
}

/* Where there are no locks, another process may take our file for one that was left. */
static void what_was_removed_meanwhile_is_not_renamed(void **state)
{
    struct errbuf eb = {0};
    struct output *o = NULL;
    (void)state;

    put_file("out", "old", 0644);
    assert_int_equal(output_open(&o, "out", OUTPUT_TEXT, &eb), RF_OK);
    fputs("new", output_file(o));
    assert_int_equal(unlink("out.tmp"), 0);
    put_file("out.tmp", "half of ano", 0644);
    assert_int_equal(output_commit(o, &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot write 'out': another process is writing it");
    assert_content("out", "old");
    assert_content("out.tmp", "half of ano");
}

/* The line names the file, although the failed write was noticed by someone who knows only the
 * stream, and the reason, although other calls failed since. */
static void a_failed_write_is_said_with_name_and_reason(void **state)
{
    static char much[1 << 16];
    struct errbuf eb = {0};
    struct output *o = NULL;
    (void)state;

    assert_int_equal(output_open(&o, "/dev/full", OUTPUT_TEXT, &eb), RF_OK);
    assert_int_not_equal(fwrite(much, 1, sizeof much, output_file(o)), sizeof much);
    errno = ENOTTY;
    assert_int_equal(output_settle(o, &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot write '/dev/full': No space left on device");
    err_write(&eb, "cannot write: ?");
    assert_int_equal(output_end(o, RF_EIO, &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot write '/dev/full': No space left on device");
}

static void an_empty_name_is_refused(void **state)
{
    struct errbuf eb = {0};
    struct output *o = NULL;
    (void)state;

    assert_int_equal(output_open(&o, "", OUTPUT_TEXT, &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot write '': the name is empty");
    assert_int_not_equal(access(".tmp", F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_hard_link_is_not_written_through, no_files),
        cmocka_unit_test_setup(a_link_is_not_followed, no_files),
        cmocka_unit_test_setup(a_fifo_is_not_waited_for, no_files),
        cmocka_unit_test_setup(a_socket_and_a_folder_are_refused, no_files),
        cmocka_unit_test_setup(what_was_left_is_replaced_by_a_new_file, no_files),
        cmocka_unit_test_setup(a_rewrite_keeps_the_mode, no_files),
        cmocka_unit_test_setup(what_was_removed_meanwhile_is_not_renamed, no_files),
        cmocka_unit_test_setup(a_failed_write_is_said_with_name_and_reason, no_files),
        cmocka_unit_test_setup(an_empty_name_is_refused, no_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
