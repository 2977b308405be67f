/* ptx_arith.c: instructions that make numbers of numbers. */
#include <math.h>

#include "ptx_bits.h"

void ptx_unknown(const struct ptx_insn *i)
{
    cuh_die("PTX: instruction %d, of type %c%d, in line %d of the source of '%s' is not known",
            (int)i->op, i->type.kind ? i->type.kind : '?', i->type.bits, i->line,
            kernel_now()->name);
}

/* --- whole numbers */

static bits multiply(const struct ptx_insn *i, bits a, bits b)
{
    __extension__ typedef __int128 wide;
    __extension__ typedef unsigned __int128 unsigned_wide;
    int n = i->type.bits;
    bool has_sign = i->type.kind == 's';

    if (i->modifiers & PTX_WIDE)
        return has_sign ? (bits)(as_signed(a, n) * as_signed(b, n)) : cut(a, n) * cut(b, n);
    if (!(i->modifiers & PTX_HI))
        return a * b;
    return has_sign ? (bits)(((wide)as_signed(a, n) * as_signed(b, n)) >> n)
                    : (bits)(((unsigned_wide)cut(a, n) * cut(b, n)) >> n);
}

static bits shift(const struct ptx_insn *i, bits a, unsigned by)
{
    unsigned n = (unsigned)i->type.bits;

    if (i->op == PTX_SHL)
        return by >= n ? 0 : a << by;
    if (i->type.kind == 's')
        return (bits)(as_signed(a, (int)n) >> (by >= n ? n - 1 : by));
    return by >= n ? 0 : cut(a, (int)n) >> by;
}

static bits bit_field(const struct ptx_insn *i, bits a, bits b, bits c, bits d)
{
    unsigned from = (unsigned)(i->op == PTX_BFI ? c : b) & 255, n = (unsigned)i->type.bits;
    unsigned length = (unsigned)(i->op == PTX_BFI ? d : c) & 255;
    bits mask = length >= 64 ? ~(bits)0 : ((bits)1 << length) - 1;

    if (i->op == PTX_BFI)
        return from >= n ? b : (b & ~(mask << from)) | (a & mask) << from;
    if (i->type.kind == 's') /* whose sign may lie behind the field's end */
        return length == 0
                   ? 0
                   : (bits)as_signed((bits)as_signed(a, (int)n) >> (from > 63 ? 63 : from),
                                     length > 63 ? 64 : (int)length);
    return from >= n ? 0 : cut(a, (int)n) >> from & mask;
}

/* Bytes of b:a, each chosen by 4 bits of c; the highest of these repeats the byte's sign. */
static bits permute(bits a, bits b, bits c)
{
    bits from = cut(a, 32) | b << 32, to = 0;

    for (int k = 0; k < 4; k++) {
        unsigned which = (unsigned)(c >> 4 * k) & 15;
        bits byte = from >> 8 * (which & 7) & 255;

        if (which & 8)
            byte = byte & 128 ? 255 : 0;
        to |= byte << 8 * k;
    }
    return to;
}

static bits funnel(const struct ptx_insn *i, bits a, bits b, bits c)
{
    unsigned by = (unsigned)c;
    bits both = cut(a, 32) | b << 32;

    by = i->modifiers & PTX_WRAP ? by & 31 : by > 32 ? 32 : by;
    return i->modifiers & PTX_LEFT ? both << by >> 32 : both >> by;
}

static bits count_bits(const struct ptx_insn *i, bits a)
{
    int n = i->type.bits;
    bits reversed = 0;

    a = cut(a, n);
    switch (i->op) {
    case PTX_POPC: return (bits)__builtin_popcountll(a);
    case PTX_CLZ: return a ? (bits)(__builtin_clzll(a) - (64 - n)) : (bits)n;
    case PTX_BFIND:
        if (i->type.kind == 's' && as_signed(a, n) < 0)
            a = cut(~a, n);
        if (!a)
            return 0xffffffffU;
        return i->modifiers & PTX_SHIFTAMT ? (bits)(__builtin_clzll(a) - (64 - n))
                                           : (bits)(63 - __builtin_clzll(a));
    default: break;
    }
    for (int k = 0; k < n; k++)
        reversed |= (a >> k & 1) << (n - 1 - k);
    return reversed;
}

static bits divide(const struct ptx_insn *i, bits a, bits b)
{
    int n = i->type.bits;

    if (!cut(b, n)) {
        cuh_report(NULL, "division of a whole number by 0");
        return ~(bits)0;
    }
    if (i->op != PTX_DIV && i->op != PTX_REM)
        ptx_unknown(i);
    if (i->type.kind == 's') {
        int64_t x = as_signed(a, n), y = as_signed(b, n);

        if (y == -1)
            return i->op == PTX_DIV ? 0 - (bits)x : 0;
        return (bits)(i->op == PTX_DIV ? x / y : x % y);
    }
    return i->op == PTX_DIV ? cut(a, n) / cut(b, n) : cut(a, n) % cut(b, n);
}

static bool less(const struct ptx_insn *i, bits a, bits b)
{
    int n = i->type.bits;

    return i->type.kind == 's' ? as_signed(a, n) < as_signed(b, n) : cut(a, n) < cut(b, n);
}

static bits whole(const struct ptx_insn *i, const bits *v)
{
    bits a = v[0], b = v[1], c = v[2];

    switch (i->op) {
    case PTX_ADD: return a + b;
    case PTX_SUB: return a - b;
    case PTX_MUL: return multiply(i, a, b);
    case PTX_MAD: return multiply(i, a, b) + c;
    case PTX_DIV:
    case PTX_REM: return divide(i, a, b);
    case PTX_AND: return a & b;
    case PTX_OR: return a | b;
    case PTX_XOR: return a ^ b;
    case PTX_NOT: return ~a;
    case PTX_NEG: return 0 - a;
    case PTX_ABS: return as_signed(a, i->type.bits) < 0 ? 0 - a : a;
    case PTX_SHL:
    case PTX_SHR: return shift(i, a, (unsigned)b);
    case PTX_MIN: return less(i, a, b) ? a : b;
    case PTX_MAX: return less(i, a, b) ? b : a;
    case PTX_POPC:
    case PTX_CLZ:
    case PTX_BFIND:
    case PTX_BREV: return count_bits(i, a);
    case PTX_BFI:
    case PTX_BFE: return bit_field(i, a, b, c, v[3]);
    case PTX_PRMT: return permute(a, b, c);
    case PTX_SHF: return funnel(i, a, b, c);
    default: ptx_unknown(i);
    }
}

/* --- floats */

/* Down, of a b + c: what range reductions ask for. */
static float fma_down(float a, float b, float c)
{
    double exact = (double)a * (double)b + (double)c;
    float f = (float)exact;

    return (double)f > exact ? nextafterf(f, -INFINITY) : f;
}

static float floats(const struct ptx_insn *i, float a, float b, float c)
{
    switch (i->op) {
    case PTX_ADD: return a + b;
    case PTX_SUB: return a - b;
    case PTX_MUL: return a * b;
    case PTX_FMA: return i->round == ROUND_DOWN ? fma_down(a, b, c) : fmaf(a, b, c);
    case PTX_DIV: return a / b;
    case PTX_MIN: return fminf(a, b);
    case PTX_MAX: return fmaxf(a, b);
    case PTX_NEG: return -a;
    case PTX_ABS: return fabsf(a);
    case PTX_EX2: return exp2f(a);
    case PTX_LG2: return log2f(a);
    case PTX_SIN: return sinf(a);
    case PTX_COS: return cosf(a);
    case PTX_RSQRT: return 1 / sqrtf(a);
    case PTX_SQRT: return sqrtf(a);
    case PTX_RCP: return 1 / a;
    case PTX_COPYSIGN: return copysignf(b, a); /* the first has the sign */
    default: ptx_unknown(i);
    }
}

static double doubles(const struct ptx_insn *i, double a, double b, double c)
{
    switch (i->op) {
    case PTX_ADD: return a + b;
    case PTX_SUB: return a - b;
    case PTX_MUL: return a * b;
    case PTX_FMA: return fma(a, b, c);
    case PTX_DIV: return a / b;
    case PTX_MIN: return fmin(a, b);
    case PTX_MAX: return fmax(a, b);
    case PTX_NEG: return -a;
    case PTX_ABS: return fabs(a);
    case PTX_RSQRT: return 1 / sqrt(a);
    case PTX_SQRT: return sqrt(a);
    case PTX_RCP: return 1 / a;
    case PTX_COPYSIGN: return copysign(b, a);
    default: ptx_unknown(i);
    }
}

bits ptx_arithmetic(const struct ptx_insn *i, const bits *v)
{
    float f;

    if (i->type.kind != 'f')
        return whole(i, v);
    if (i->round > ROUND_NEAREST && !(i->op == PTX_FMA && i->round == ROUND_DOWN))
        ptx_unknown(i);
    if (i->type.bits == 64)
        return of_f64(doubles(i, f64(v[0]), f64(v[1]), f64(v[2])));
    f = floats(i, f32(v[0]), f32(v[1]), f32(v[2]));
    if (i->modifiers & PTX_SAT)
        f = !(f > 0) ? 0 : f > 1 ? 1 : f;
    return of_f32(f);
}

/* --- comparisons: words are those of the parser's table */

bool ptx_compare(const struct ptx_insn *i, bits a, bits b)
{
    enum {
        EQ,
        NE,
        LT,
        LE,
        GT,
        GE,
        EQU,
        NEU,
        LTU,
        LEU,
        GTU,
        GEU,
        NUM,
        NOT_A_NUMBER,
        LO,
        LS,
        HI,
        HS
    };
    double x = i->type.bits == 64 ? f64(a) : (double)f32(a);
    double y = i->type.bits == 64 ? f64(b) : (double)f32(b);
    bool is_float = i->type.kind == 'f', neither = is_float && (isnan(x) || isnan(y));
    bool lt = is_float ? x < y : less(i, a, b);
    bool eq = is_float ? x == y : cut(a, i->type.bits) == cut(b, i->type.bits);

    switch (i->word) {
    case EQ: return eq;
    case NE: return !eq && !neither;
    case LT:
    case LO: return lt;
    case LE:
    case LS: return lt || eq;
    case GT:
    case HI: return !lt && !eq && !neither;
    case GE:
    case HS: return !lt && !neither;
    case EQU: return eq || neither;
    case NEU: return !eq;
    case LTU: return lt || neither;
    case LEU: return lt || eq || neither;
    case GTU: return !lt && !eq;
    case GEU: return !lt;
    case NUM: return !neither;
    default: return neither;
    }
}

/* --- conversions */

static bits to_bf16(float f)
{
    uint32_t u = (uint32_t)of_f32(f);

    return f != f ? 0x7fff : (u + 0x7fff + (u >> 16 & 1)) >> 16;
}

static double rounded(const struct ptx_insn *i, double x)
{
    switch (i->round) {
    case ROUND_DOWN: return floor(x);
    case ROUND_UP: return ceil(x);
    case ROUND_ZERO: return trunc(x);
    default: return rint(x);
    }
}

/* To a whole number: what does not fit becomes what is next to it, NaN 0. */
static bits saturated(const struct ptx_type *to, double x)
{
    int n = to->bits;
    double low = to->kind == 's' ? -ldexp(1, n - 1) : 0;
    double high = ldexp(1, to->kind == 's' ? n - 1 : n);

    if (isnan(x))
        return 0;
    if (x <= low)
        return to->kind == 's' ? (bits)1 << (n - 1) : 0;
    if (x >= high)
        return to->kind == 's' ? ((bits)1 << (n - 1)) - 1 : cut(~(bits)0, n);
    return to->kind == 's' ? (bits)(int64_t)x : (bits)x;
}

static bits float_from(const struct ptx_insn *i, bits a)
{
    bool from_float = i->from.kind == 'f';
    int n = i->from.bits;
    double x;

    if (i->from.kind == 'h')
        return i->type.bits == 32 ? cut(a, 16) << 16 : of_f64((double)f32(cut(a, 16) << 16));
    if (!from_float && i->type.bits == 32) /* one rounding, not two */
        return of_f32(i->from.kind == 's' ? (float)as_signed(a, n) : (float)cut(a, n));
    x = !from_float ? i->from.kind == 's' ? (double)as_signed(a, n) : (double)cut(a, n)
        : n == 64 ? f64(a)
                    : (double)f32(a);
    if (i->whole)
        x = rounded(i, x);
    else if (i->round > ROUND_NEAREST)
        ptx_unknown(i);
    if (i->modifiers & PTX_SAT)
        x = !(x > 0) ? 0 : x > 1 ? 1 : x;
    return i->type.bits == 64 ? of_f64(x) : of_f32((float)x);
}

bits ptx_convert(const struct ptx_insn *i, const bits *v)
{
    bits a = v[0];

    if (i->type.kind == 'H')
        return to_bf16(f32(v[0])) << 16 | to_bf16(f32(v[1]));
    if (i->type.kind == 'h')
        return to_bf16(f32(a));
    if (i->type.kind == 'f')
        return float_from(i, a);
    if (i->from.kind == 'f')
        return saturated(&i->type, rounded(i, i->from.bits == 64 ? f64(a) : (double)f32(a)));
    if (i->modifiers & PTX_SAT)
        ptx_unknown(i);
    return i->from.kind == 's' ? (bits)as_signed(a, i->from.bits) : cut(a, i->from.bits);
}
