/* test_shard_pack: the loops of each instruction set pack the same bytes, and always these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "shard/shard_format.h"
#include "shard/shard_packer.h"

enum { SYMBOLS = 700, N = 150000, FRAMES_MOST = 64 };

/* A text of which much was there before, in pieces from one symbol to some of more than a match
 * can be long; what is new has few symbols often and many seldom. */
static void make_text(uint16_t s[N])
{
    struct rng r = rng_stream(1, 0, 0, RNG_TEST);
    uint64_t draw = 0;

    for (size_t i = 0; i < N;) {
        bool again = i > 0 && rng_below(r, draw++, 3) == 0;
        size_t n = rng_below(r, draw++, 9) == 0 ? 600 : 12, back = 0;

        n = 1 + rng_below(r, draw++, n);
        if (again)
            back = 1 + rng_below(r, draw++, i);
        for (; n > 0 && i < N; n--, i++) {
            uint64_t most = 1 + rng_below(r, draw++, SYMBOLS);

            s[i] = again ? s[i - back] : (uint16_t)rng_below(r, draw++, most);
        }
    }
}

/* The sizes of frames: short ones, and around the sizes of the loops' batches. */
static size_t frame_size(size_t i)
{
    static const size_t sizes[] = {1, 2, 3, 4095, 4097, 8192, 300, 60000};

    return sizes[i % (sizeof sizes / sizeof *sizes)];
}

/* The text packed in frames, one behind the other. */
struct packed {
    struct buf bytes;
    size_t n, end[FRAMES_MOST];
};

static void pack_text(struct packed *to, const uint16_t s[N], const struct pack_loops *loops)
{
    struct shard_packer *p = NULL;
    size_t end[PACK_PIECES];

    *to = (struct packed){.n = 0};
    assert_int_equal(shard_packer_new(&p, SYMBOLS), RF_OK);
    p->loops = loops;
    for (size_t i = 0; i < N; i += frame_size(to->n++)) {
        size_t n = N - i < frame_size(to->n) ? N - i : frame_size(to->n);

        assert_true(to->n < FRAMES_MOST);
        assert_int_equal(shard_pack(p, s + i, n, &to->bytes, end), RF_OK);
        to->end[to->n] = to->bytes.len;
    }
    shard_packer_free(p);
}

/* Returns the first frame that does not unpack, -1 if all do. */
static int unpack_text(uint16_t s[N], const struct packed *from, const struct pack_loops *loops)
{
    struct shard_packer *p = NULL;
    int bad = -1;

    assert_int_equal(shard_packer_new(&p, SYMBOLS), RF_OK);
    p->loops = loops;
    for (size_t i = 0, k = 0; k < from->n && bad < 0; i += frame_size(k++)) {
        size_t n = N - i < frame_size(k) ? N - i : frame_size(k),
               start = k ? from->end[k - 1] : 0, len = from->end[k] - start;
        uint8_t *alone = malloc(len); /* so that a byte read behind them is noticed */

        assert_non_null(alone);
        memcpy(alone, from->bytes.data + start, len);
        if (shard_unpack(p, s + i, n, alone, len) != RF_OK)
            bad = (int)k;
        free(alone);
    }
    shard_packer_free(p);
    return bad;
}

static void all_loops_pack_these_bytes(void **state)
{
    /* of the first packer that there was: shards of then must be readable */
    static const uint8_t want[DIGEST64_BYTES] = {0x76, 0xA6, 0xFE, 0x2E,
                                                 0x22, 0xF3, 0x9D, 0xA2};
    static uint16_t s[N], back[N];
    const struct pack_loops *loops;
    uint8_t digest[DIGEST64_BYTES];

    (void)state;
    make_text(s);
    for (size_t i = 0; (loops = shard_packer_loops(i)); i++) {
        struct packed packed;

        print_message("%s\n", loops->name);
        pack_text(&packed, s, loops);
        shard_digest64(digest, packed.bytes.data, packed.bytes.len);
        assert_memory_equal(digest, want, sizeof want);
        memset(back, 0, sizeof back);
        assert_int_equal(unpack_text(back, &packed, loops), -1);
        assert_memory_equal(back, s, sizeof s);
        buf_free(&packed.bytes);
    }
}

/* Wrong bytes are refused, or give some symbols; which of the two, and which symbols, is the
 * same for all loops. */
static void all_loops_take_wrong_bytes_alike(void **state)
{
    static uint16_t s[N], one[N], other[N];
    struct rng r = rng_stream(1, 1, 0, RNG_TEST);
    struct packed packed;

    (void)state;
    make_text(s);
    pack_text(&packed, s, shard_packer_loops(0));
    for (uint64_t k = 0; k < 40; k++) {
        char *byte = packed.bytes.data + rng_below(r, 2 * k, packed.bytes.len),
             flip = (char)(1 + rng_below(r, 2 * k + 1, 255));
        const struct pack_loops *loops;
        int bad;

        *byte ^= flip;
        memset(one, 0, sizeof one);
        bad = unpack_text(one, &packed, shard_packer_loops(0));
        for (size_t i = 1; (loops = shard_packer_loops(i)); i++) {
            memset(other, 0, sizeof other);
            assert_int_equal(unpack_text(other, &packed, loops), bad);
            assert_memory_equal(one, other, sizeof one);
        }
        *byte ^= flip;
    }
    buf_free(&packed.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_loops_pack_these_bytes),
        cmocka_unit_test(all_loops_take_wrong_bytes_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
