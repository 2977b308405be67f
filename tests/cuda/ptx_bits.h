/* ptx_bits.h: what registers hold, as numbers; between the files that interpret PTX. */
#ifndef TESTS_CUDA_PTX_BITS_H
#define TESTS_CUDA_PTX_BITS_H

#include <string.h>

#include "ptx.h"

/* A register holds bits; a float is their lower half. */
typedef uint64_t bits;

static inline float f32(bits b)
{
    uint32_t u = (uint32_t)b;
    float f;

    memcpy(&f, &u, sizeof f);
    return f;
}

static inline bits of_f32(float f)
{
    uint32_t u;

    memcpy(&u, &f, sizeof u);
    return u;
}

static inline double f64(bits b)
{
    double d;

    memcpy(&d, &b, sizeof d);
    return d;
}

static inline bits of_f64(double d)
{
    bits b;

    memcpy(&b, &d, sizeof b);
    return b;
}

static inline bits cut(bits b, int n)
{
    return n >= 64 ? b : b & (((bits)1 << n) - 1);
}

static inline int64_t as_signed(bits b, int n)
{
    int shift = 64 - (n < 64 ? n : 64);

    return (int64_t)(b << shift) >> shift;
}

/** The result of an instruction of arithmetic, of a conversion; v: its operands, at least 4. */
bits ptx_arithmetic(const struct ptx_insn *i, const bits *v);
bits ptx_convert(const struct ptx_insn *i, const bits *v);

/** Whether setp's comparison holds. */
bool ptx_compare(const struct ptx_insn *i, bits a, bits b);

/** The interpreter does not know it: the process ends. */
_Noreturn void ptx_unknown(const struct ptx_insn *i);

#endif
