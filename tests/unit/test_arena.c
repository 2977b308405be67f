/* test_arena: pieces do not overlap, are aligned, run out cleanly and come back in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"

static _Alignas(64) char room[1 << 16];

static void pieces_are_apart_and_aligned(void **state)
{
    struct arena a;
    char *p[8];
    (void)state;

    arena_init(&a, room, sizeof room);
    for (size_t i = 0; i < 8; i++) {
        size_t n = i * 37 + 1;

        p[i] = arena_alloc(&a, n);
        assert_non_null(p[i]);
        assert_int_equal((uintptr_t)p[i] % 64, 0);
        memset(p[i], (int)i + 1, n);
    }
    for (size_t i = 0; i < 8; i++)
        for (size_t k = 0; k < i * 37 + 1; k++)
            assert_int_equal(p[i][k], i + 1);
    arena_free(&a);
    assert_null(a.base);
    arena_free(&a);
}

static void a_full_arena_says_so(void **state)
{
    struct arena a;
    size_t used;
    (void)state;

    arena_init(&a, room, 1024);
    while (arena_alloc(&a, 64))
        ;
    used = a.used;
    assert_true(used >= 512 && used <= 1024);
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_alloc(&a, SIZE_MAX - 63));
    assert_int_equal(a.used, used);
    arena_free(&a);
    arena_init(&a, room, 0);
    assert_null(arena_alloc(&a, 1));
    arena_free(&a);
}

static void rewinding_gives_the_same_memory(void **state)
{
    struct arena a;
    size_t mark;
    char *first;
    (void)state;

    arena_init(&a, room, 1 << 12);
    assert_non_null(arena_alloc(&a, 100));
    mark = arena_mark(&a);
    first = arena_alloc(&a, 200);
    assert_non_null(arena_alloc(&a, 300));
    assert_int_equal(a.peak, a.used);
    arena_rewind(&a, mark);
    assert_int_equal(arena_mark(&a), mark);
    assert_true(a.peak > a.used);
    assert_ptr_equal(arena_alloc(&a, 200), first);
    memset(first, 1, 200);
    arena_free(&a);
}

static void a_devices_memory_is_not_touched(void **state)
{
    struct arena a;
    (void)state;

    memset(room, 7, sizeof room);
    arena_wrap(&a, room, sizeof room);
    assert_ptr_equal(arena_alloc(&a, 64), room);
    assert_non_null(arena_alloc(&a, 64));
    arena_rewind(&a, 0);
    arena_free(&a);
    for (size_t i = 0; i < sizeof room; i++)
        assert_int_equal(room[i], 7);
}

static void counting_finds_what_a_real_one_needs(void **state)
{
    static const size_t sizes[] = {1, 64, 65, 0, 1000};
    struct arena a, counts;
    (void)state;

    arena_init(&a, room, 1 << 12);
    arena_count(&counts);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            char *p = arena_alloc(&counts, sizes[i]);

            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 64, 0);
            assert_non_null(arena_alloc(&a, sizes[i]));
        }
        assert_int_equal(arena_mark(&counts), arena_mark(&a));
        arena_rewind(&counts, 64);
        arena_rewind(&a, 64);
    }
    assert_int_equal(counts.peak, a.peak);
    assert_true(counts.peak > 1000);
    assert_non_null(arena_alloc(&counts, SIZE_MAX / 8));
    assert_null(arena_alloc(&counts, SIZE_MAX / 4));
    arena_free(&counts);
    arena_free(&a);
    assert_int_equal(counts.peak, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_apart_and_aligned),
        cmocka_unit_test(a_full_arena_says_so),
        cmocka_unit_test(rewinding_gives_the_same_memory),
        cmocka_unit_test(a_devices_memory_is_not_touched),
        cmocka_unit_test(counting_finds_what_a_real_one_needs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
