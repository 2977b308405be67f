/* test_progress: the progress line on a terminal of its own, a pseudo terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/progress.h"
#include "base/words.h"

/* Run `play` as the first process of a terminal with so many columns. Returns what it printed
 * there, which the caller frees. */
static char *on_terminal(unsigned short columns, void (*play)(void))
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    size_t len = 0, room = 1 << 16;
    char *text = calloc(room, 1);
    int terminal, status;
    pid_t child = forkpty(&terminal, NULL, NULL, &size);
    ssize_t n;

    assert_non_null(text);
    assert_true(child >= 0);
    if (child == 0) {
        alarm(60);
        play();
        _exit(0);
    }
    while ((n = read(terminal, text + len, room - 1 - len)) > 0)
        len += (size_t)n;
    close(terminal);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return text;
}

/* Draw the line of a task that began 100 seconds ago. */
static void draw(const char *label, uint64_t done, uint64_t total, const char *note)
{
    struct progress p;

    progress_start(&p, label, "tokens", 0, total, 1);
    p.started -= 100;
    progress_show(&p, done, note);
}

static void draw_long(void)
{
    draw("말뭉치를 세는 중이다", 500, 12000 * 5 + 500, "loss 3.141, 가나다라마바사아자차카");
}

static void a_line_is_cut_to_the_terminal(void **state)
{
    static const unsigned short widths[] = {8, 20, 21, 22, 23, 40, 79, 80, 100};
    (void)state;

    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        char *text = on_terminal(widths[i], draw_long);
        size_t columns;

        assert_int_equal(strncmp(text, "\r\033[K", 4), 0);
        columns = text_columns(text + 4);
        if (columns >= widths[i] || (widths[i] < 80 && columns + 3 < widths[i]))
            fail_msg("%d columns: %zu of '%s'", widths[i], columns, text + 4);
        free(text);
    }
}

static void draw_wide(void)
{
    draw("long", 100, 12100, NULL);
    draw("days", 100, 187300, NULL);
}

static void the_time_left_is_in_hours_and_days(void **state)
{
    char *text = on_terminal(200, draw_wide);
    (void)state;

    assert_non_null(strstr(text, "long:   1 % 100 tokens, 1 token/s, 3 h 20 min left"));
    assert_non_null(strstr(text, "days:   0 % 100 tokens, 1 token/s, 2 d 4 h left"));
    free(text);
}

/* 30 of 60 units were a tenth of all work; seven tenths are left. */
static void draw_work(void)
{
    struct progress p;

    progress_start(&p, "work", "steps", 40, 100, 1);
    p.started -= 100;
    progress_work(&p, 0.2);
    progress_work(&p, 0.3);
    progress_show(&p, 70, NULL);
}

static void the_time_left_is_that_of_the_work(void **state)
{
    char *text = on_terminal(200, draw_work);
    (void)state;

    if (!strstr(text, "work:  70 % 70 steps, 0 steps/s, 11 min 4"))
        fail_msg("%s", text);
    free(text);
}

/* Let a process do `what`, wait for its end. */
static void in_process(void (*what)(void))
{
    pid_t child = fork();

    if (child == 0) {
        what();
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static void draw_second(void)
{
    draw("second", 1, 100, NULL);
    progress_make_room();
    fputs("a message\n", stderr);
}

static void draw_in_background(void)
{
    setpgid(0, 0);
    draw("background", 1, 100, NULL);
}

static void draw_in_turn(void)
{
    int ready[2], end[2];
    pid_t first;
    char c;

    if (pipe(ready) != 0 || pipe(end) != 0)
        _exit(1);
    if ((first = fork()) == 0) {
        close(end[1]);
        draw("first", 1, 100, NULL);
        close(ready[1]);
        (void)!read(end[0], &c, 1);
        _exit(0);
    }
    close(ready[1]);
    (void)!read(ready[0], &c, 1); /* the first one has drawn */
    in_process(draw_second);
    close(end[1]);
    waitpid(first, NULL, 0);
    in_process(draw_in_background);
    draw("third", 1, 100, NULL);
}

/* The processes of a pipeline share a terminal: the first that draws keeps it until it ends,
 * one in the background never draws, and a message of another wipes the line before it. */
static void one_process_draws_at_a_time(void **state)
{
    char *text = on_terminal(200, draw_in_turn);
    const char *first = strstr(text, "first:"), *third = strstr(text, "third:");
    (void)state;

    assert_non_null(first);
    assert_non_null(third);
    assert_true(first < third);
    assert_null(strstr(text, "second:"));
    assert_null(strstr(text, "background:"));
    assert_non_null(strstr(text, "\r\033[Ka message"));
    free(text);
}

static void start_at_once(void)
{
    struct progress p;

    progress_start(&p, "knows", "B", 0, 100, 1);
    p.started -= 0.5;
    progress_show(&p, 1, NULL);
    progress_start(&p, "guesses", "B", 0, 0, 1);
    p.started -= 0.5;
    progress_show(&p, 1, NULL);
}

/* Of the processes that start together the one that knows how much there is to do draws. */
static void who_knows_the_whole_is_first(void **state)
{
    char *text = on_terminal(200, start_at_once);
    (void)state;

    assert_non_null(strstr(text, "knows:"));
    assert_null(strstr(text, "guesses:"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_cut_to_the_terminal),
        cmocka_unit_test(the_time_left_is_in_hours_and_days),
        cmocka_unit_test(the_time_left_is_that_of_the_work),
        cmocka_unit_test(one_process_draws_at_a_time),
        cmocka_unit_test(who_knows_the_whole_is_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
