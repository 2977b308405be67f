/* ptx_run.c: an entry, interpreted by one thread. */
#include <alloca.h>

#include "ptx_bits.h"

struct run {
    const struct ptx_entry *e;
    const char *parameters;
    bits *r;
    char *local;
    uint32_t special[PTX_SPECIALS];
};

static int line_now;

int ptx_line(void)
{
    return line_now;
}

static bits value(const struct run *t, const struct ptx_arg *a)
{
    switch (a->kind) {
    case PTX_REG: return t->r[a->index] + a->value;
    case PTX_VALUE: return a->value;
    case PTX_SPECIAL: return t->special[a->index];
    case PTX_LOCAL: return (bits)(uintptr_t)t->local + a->value;
    case PTX_NONE: break;
    }
    return 0;
}

static void set_predicate(struct run *t, const struct ptx_insn *i, const bits *v)
{
    bool yes = ptx_compare(i, v[0], v[1]), no = !yes, with = v[2] & 1;

    if (i->combine == 1)
        yes = yes && with, no = no && with;
    else if (i->combine == 2)
        yes = yes || with, no = no || with;
    else if (i->combine == 3)
        yes = yes != with, no = no != with;
    if (i->arg[0].kind == PTX_REG)
        t->r[i->arg[0].index] = yes;
    if (i->outputs == 2 && i->arg[1].kind == PTX_REG)
        t->r[i->arg[1].index] = no;
}

/* Between an array's place in shared memory and its address. */
static bits convert_address(const struct ptx_insn *i, bits a)
{
    if (i->space != SPACE_SHARED)
        return a;
    return i->modifiers & PTX_TO ? a - (bits)(uintptr_t)rf_shared
                                 : a + (bits)(uintptr_t)rf_shared;
}

/* mov of vectors: {low, high} = x, or x = {low, high, ...}; else x itself. */
static void move(struct run *t, const struct ptx_insn *i, const bits *v)
{
    int inputs = i->n - i->outputs, part;
    bits x = v[0];

    if (i->outputs > 1) {
        part = i->type.bits / i->outputs;
        for (int k = 0; k < i->outputs; k++)
            if (i->arg[k].kind == PTX_REG)
                t->r[i->arg[k].index] = cut(x >> k * part, part);
        return;
    }
    if (inputs > 1) {
        part = i->type.bits / inputs;
        x = 0;
        for (int k = 0; k < inputs; k++)
            x |= cut(v[k], part) << k * part;
    }
    t->r[i->arg[0].index] = i->type.kind == 'p' ? x & 1 : cut(x, i->type.bits);
}

/* --- memory */

/* A thread may touch an array of the file's, not the room between two. */
static bool in_an_array(const struct ptx_file *f, bits offset, size_t n)
{
    for (int k = 0; k < f->n_shared; k++)
        if (offset >= f->shared[k].offset &&
            (!f->shared[k].bytes || offset + n <= f->shared[k].offset + f->shared[k].bytes))
            return true;
    return false;
}

static bool in_a_table(const struct ptx_file *f, bits address, size_t n)
{
    for (int k = 0; k < f->n_tables; k++)
        if (address - f->tables[k].offset + n <= f->tables[k].bytes)
            return true;
    return false;
}

/* The memory that an instruction means; NULL: it was a fault, and is left out. */
static char *memory(const struct run *t, const struct ptx_insn *i, bits address, size_t n,
                    bool writes, bool atomic)
{
    const struct ptx_file *f = t->e->file;
    char *p = (char *)(uintptr_t)address, *base;

    if (i->space == SPACE_SHARED)
        p = (char *)rf_shared + cut(address, 32);
    if ((size_t)(p - (char *)rf_shared) < SHARED_MAX &&
        !in_an_array(f, (bits)(p - (char *)rf_shared), n)) {
        cuh_report(NULL, "%s of %zu bytes of shared memory, in no array",
                   writes ? "write" : "read", n);
        return NULL;
    }
    if ((size_t)(p - t->local) < t->e->local_bytes || (!writes && in_a_table(f, address, n)))
        return p;
    access_note(p, n, writes, atomic, NULL);
    if (is_device(p) ? !is_allocated(p, n)
                     : (size_t)(p - (char *)rf_shared) >= shared_range(&base))
        return NULL; /* it was told of; a device would end the launch here */
    return p;
}

/* Where numbers of `bytes` from an address on lie, as many as the instruction has; of a load
 * the last ones count only if they are wanted, drop_unread(). */
static char *numbers(struct run *t, const struct ptx_insn *i, bits address, size_t bytes)
{
    int m = i->vector ? i->vector : 1, wanted = m;
    char *p = NULL;

    while (i->op == PTX_LD && wanted > 1 && i->arg[wanted - 1].kind == PTX_NONE)
        wanted--;
    if (wanted == m || address % (bytes * (size_t)m))
        return memory(t, i, address, bytes * (size_t)m, i->op == PTX_ST, false);
    for (int k = wanted; k-- > 0;)
        if (!(p = memory(t, i, address + (bits)k * bytes, bytes, false, false)))
            return NULL;
    return p;
}

static void load_or_store(struct run *t, const struct ptx_insn *i)
{
    int m = i->vector ? i->vector : 1;
    size_t bytes = (size_t)i->type.bits / 8;
    bool stores = i->op == PTX_ST;
    bits address = value(t, &i->arg[stores ? 0 : m]), x;
    char *p;

    if (i->space == SPACE_PARAM)
        p = (char *)(uintptr_t)(t->parameters + address);
    else if (!(p = numbers(t, i, address, bytes)))
        return;
    for (int k = 0; k < m; k++, p += bytes) {
        if (stores) {
            x = value(t, &i->arg[1 + k]);
            memcpy(p, &x, bytes);
        } else if (i->arg[k].kind == PTX_REG) {
            x = 0;
            memcpy(&x, p, bytes);
            t->r[i->arg[k].index] = i->type.kind == 's' ? (bits)as_signed(x, i->type.bits) : x;
        }
    }
}

static void atomic(struct run *t, const struct ptx_insn *i)
{
    static const enum cuh_atomic hows[] = {CUH_ADD, CUH_MIN,          CUH_MAX,      CUH_AND,
                                           CUH_OR,  CUH_EXCLUSIVE_OR, CUH_EXCHANGE, CUH_CAS};
    enum cuh_atomic how = hows[i->word];
    size_t bytes = (size_t)i->type.bits / 8;
    bits a = value(t, &i->arg[2]), b = value(t, &i->arg[3]), old;
    char *p = memory(t, i, value(t, &i->arg[1]), bytes, true, true);

    if (i->type.kind == 'f')
        ptx_unknown(i);
    if (!p)
        return;
    old = how == CUH_CAS ? cuh_atomic(how, p, bytes, 0, b, a)
                         : cuh_atomic(how, p, bytes, i->type.kind == 's', a, 0);
    if (i->arg[0].kind == PTX_REG)
        t->r[i->arg[0].index] = old;
}

/* --- threads that meet */

static void shuffle(struct run *t, const struct ptx_insn *i, const bits *v)
{
    static const enum cuh_meeting hows[] = {CUH_XOR, CUH_DOWN, CUH_UP, CUH_IDX};
    int width = LANES - (int)(v[2] >> 8 & 31);
    bits x = cuh_warp(hows[i->word], (unsigned)v[3], cut(v[0], 32), (int)v[1], width, "PTX",
                      i->line);

    if (i->arg[0].kind == PTX_REG)
        t->r[i->arg[0].index] = cut(x, 32);
    if (i->outputs == 2 && i->arg[1].kind == PTX_REG)
        t->r[i->arg[1].index] = 1;
}

static bits vote(const struct ptx_insn *i, const bits *v, bool predicate_is_negated)
{
    enum { BALLOT, ANY, ALL };
    bits p = (v[0] & 1) ^ predicate_is_negated;
    bits x =
        cuh_warp(CUH_BALLOT, (unsigned)v[1], i->word == ALL ? !p : p, 0, LANES, "PTX", i->line);

    return i->word == BALLOT ? x : i->word == ANY ? x != 0 : x == 0;
}

static void put_outputs(struct run *t, const struct ptx_insn *i, const void *numbers)
{
    for (int k = 0; k < i->outputs; k++) {
        uint32_t x;

        memcpy(&x, (const char *)numbers + (size_t)k * sizeof x, sizeof x);
        if (i->arg[k].kind == PTX_REG)
            t->r[i->arg[k].index] = x;
    }
}

/* v: four registers of a, two of b, four of what is added to. */
static void multiply_matrices(struct run *t, const struct ptx_insn *i, const bits *v)
{
    struct cuh_fragments f = {.sum = {f32(v[6]), f32(v[7]), f32(v[8]), f32(v[9])}};

    for (int k = 0; k < 4; k++)
        f.a[k] = (uint32_t)v[k];
    for (int k = 0; k < 2; k++)
        f.b[k] = (uint32_t)v[4 + k];
    cuh_warp(CUH_PRODUCT, ~0U, (uint64_t)(uintptr_t)&f, 0, LANES, "PTX", i->line);
    put_outputs(t, i, f.sum);
}

static void load_matrices(struct run *t, const struct ptx_insn *i)
{
    struct cuh_rows f = {.transposed = (i->modifiers & PTX_TRANS) != 0};
    const char *p = memory(t, i, value(t, &i->arg[i->n - 1]), sizeof f.row, false, false);

    memset(f.row, 0xff, sizeof f.row);
    if (p && row_may_lie(p))
        memcpy(f.row, p, sizeof f.row);
    cuh_warp(CUH_ROWS, ~0U, (uint64_t)(uintptr_t)&f, 0, LANES, "PTX", i->line);
    put_outputs(t, i, f.to);
}

static void meet(struct run *t, const struct ptx_insn *i, const bits *v)
{
    enum { AND = 1, OR };
    int sum;

    if (i->op == PTX_SHFL) {
        shuffle(t, i, v);
    } else if (i->op == PTX_VOTE) {
        t->r[i->arg[0].index] = vote(i, v, false);
    } else if (i->op == PTX_MATCH) {
        t->r[i->arg[0].index] = cuh_warp(CUH_MATCH, (unsigned)v[1], cut(v[0], i->type.bits), 0,
                                         LANES, "PTX", i->line);
    } else if (i->modifiers & PTX_WARP) {
        cuh_warp(CUH_SYNCWARP, (unsigned)value(t, &i->arg[0]), 0, 0, LANES, "PTX", i->line);
    } else if (i->modifiers & PTX_RED) { /* d, barrier, p */
        bool p = value(t, &i->arg[i->n - 1]) & 1;

        sum = cuh_barrier(i->word == AND ? !p : p, "PTX", i->line);
        t->r[i->arg[0].index] = i->modifiers & PTX_POPC_SUM ? (bits)sum
                                : i->word == AND            ? sum == 0
                                                            : sum != 0;
    } else {
        cuh_barrier(1, "PTX", i->line);
    }
}

/* --- one instruction after the other */

static void step(struct run *t, const struct ptx_insn *i)
{
    bits v[PTX_ARGS]; /* all of them: those of products of matrices, which are given */
    bits x;

    v[0] = v[1] = v[2] = v[3] = 0;
    for (int k = i->outputs; k < i->n; k++)
        v[k - i->outputs] = value(t, &i->arg[k]);
    switch (i->op) {
    case PTX_MOV: move(t, i, v); return;
    case PTX_SETP: set_predicate(t, i, v); return;
    case PTX_LD:
    case PTX_ST: load_or_store(t, i); return;
    case PTX_ATOM: atomic(t, i); return;
    case PTX_BAR:
    case PTX_SHFL:
    case PTX_VOTE:
    case PTX_MATCH: meet(t, i, v); return;
    case PTX_MMA: multiply_matrices(t, i, v); return;
    case PTX_LDMATRIX: load_matrices(t, i); return;
    case PTX_NOP: return;
    case PTX_SELP: x = v[2] & 1 ? v[0] : v[1]; break;
    case PTX_CVT: x = ptx_convert(i, v); break;
    case PTX_CVTA: x = convert_address(i, v[0]); break;
    default: x = ptx_arithmetic(i, v); break;
    }
    if (i->arg[0].kind == PTX_REG)
        t->r[i->arg[0].index] = cut(
            x, i->type.kind == 'p'                                           ? 1
               : i->modifiers & PTX_WIDE                                     ? 2 * i->type.bits
               : i->op == PTX_POPC || i->op == PTX_CLZ || i->op == PTX_BFIND ? 32
                                                                             : i->type.bits);
}

static void fill_specials(struct run *t)
{
    const struct kernel *k = kernel_now();
    const uint3 *b = cuh_block_now();
    unsigned n = (unsigned)thread_number();
    const uint32_t all[PTX_SPECIALS] = {n % k->block.x,
                                        n / k->block.x % k->block.y,
                                        n / k->block.x / k->block.y,
                                        k->block.x,
                                        k->block.y,
                                        k->block.z,
                                        b->x,
                                        b->y,
                                        b->z,
                                        k->grid.x,
                                        k->grid.y,
                                        k->grid.z,
                                        n % LANES};

    memcpy(t->special, all, sizeof all);
}

void ptx_run(const struct ptx_entry *e, const char *parameters)
{
    size_t n = (size_t)e->registers * sizeof(bits);
    struct run t = {.e = e, .parameters = parameters, .r = alloca(n)};

    t.local = alloca(e->local_bytes + 16);
    t.local += -(uintptr_t)t.local & 15;
    memset(t.r, 0xee, n);
    memset(t.local, 0xff, e->local_bytes);
    fill_specials(&t);
    for (int pc = 0; pc < e->insns;) {
        const struct ptx_insn *i = &e->code[pc++];

        line_now = i->line;
        if (i->predicate >= 0 && (t.r[i->predicate] & 1) == i->negated)
            continue;
        if (i->op == PTX_RET)
            return;
        if (i->op == PTX_BRA)
            pc = i->target;
        else
            step(&t, i);
    }
}
