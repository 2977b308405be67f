/* amx.h: Intel's tile unit: eight tiles of 16 rows of 64 bytes, always whole. */
#ifndef NN_AMX_H
#define NN_AMX_H

/* Of a file that is compiled for AMX. Not by intrinsics: those of gcc 12 let stores to memory
 * that a tile is loaded from be made after the load. */
#define TILE_MOVE(what, p, stride)                                                             \
    __asm__ volatile(what : : "r"(p), "r"((size_t)(stride)) : "memory")
#define TILE_LOAD(t, p, stride)  TILE_MOVE("tileloadd (%0,%1), %%tmm" #t, p, stride)
#define TILE_STORE(t, p, stride) TILE_MOVE("tilestored %%tmm" #t ", (%0,%1)", p, stride)
#define TILE_ZERO(t)             __asm__ volatile("tilezero %%tmm" #t ::)
/* c[16,16] += a[16,32] b[32,16]: row i of b holds rows 2 i and 2 i + 1, element by element */
#define TILE_MULTIPLY(c, a, b)                                                                 \
    __asm__ volatile("tdpbf16ps %%tmm" #b ", %%tmm" #a ", %%tmm" #c ::)

/* Before the first tile of a thread; its tiles are lost at amx_end(). */
static inline void amx_begin(void)
{
    static const struct {
        unsigned char palette, start_row, unused[14];
        unsigned short row_bytes[16];
        unsigned char rows[16];
    } whole __attribute__((aligned(64))) = {
        .palette = 1,
        .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
        .rows = {16, 16, 16, 16, 16, 16, 16, 16},
    };

    __asm__ volatile("ldtilecfg %0" : : "m"(whole));
}

static inline void amx_end(void)
{
    __asm__ volatile("tilerelease" ::);
}

#endif
