/* transpose_body.h: a square of VL vectors turned; `vec` is one. */
#if VL == 16
#define EVERY(x)                                                                               \
    x, (x) + 16, (x) + 1, (x) + 17, (x) + 2, (x) + 18, (x) + 3, (x) + 19, (x) + 4, (x) + 20,   \
        (x) + 5, (x) + 21, (x) + 6, (x) + 22, (x) + 7, (x) + 23
#elif VL == 8
#define EVERY(x) x, (x) + 8, (x) + 1, (x) + 9, (x) + 2, (x) + 10, (x) + 3, (x) + 11
#elif VL == 4
#define EVERY(x) x, (x) + 4, (x) + 1, (x) + 5
#endif

/* Interleaving halves log2(VL) times turns rows into columns. */
INLINE void transpose(vec r[VL])
{
#pragma GCC unroll 4
    for (size_t stage = 1; stage < VL; stage *= 2) {
        vec t[VL];

#pragma GCC unroll 8
        for (size_t i = 0; i < VL / 2; i++) {
            t[2 * i] = __builtin_shufflevector(r[i], r[i + VL / 2], EVERY(0));
            t[2 * i + 1] = __builtin_shufflevector(r[i], r[i + VL / 2], EVERY(VL / 2));
        }
#pragma GCC unroll 16
        for (size_t i = 0; i < VL; i++)
            r[i] = t[i];
    }
}
