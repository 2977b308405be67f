/*
 * ptx.h: kernels as nvcc compiled them: PTX, its assembly, read and interpreted.
 *
 * Each thread of a block interprets the entry that nvcc made of its kernel, on the fiber and
 * behind the checks that the host's own kernels have. So it is nvcc's work that is tested, but
 * for the last step, ptxas. What approximates on a device (ex2, rcp.approx, ...) is exact here.
 * An instruction that is not known ends the process: nothing is guessed.
 */
#ifndef TESTS_CUDA_PTX_H
#define TESTS_CUDA_PTX_H

#include "cuh.h"

/** Let a launch run the entry that nvcc made of this kernel, found in CUH_PTX's files by its
 * mangled name. `name` is for messages. */
void ptx_choose(struct kernel *k, const void *kernel, const char *name);

/** The source's line of the instruction that runs. */
int ptx_line(void);

/* --- between the parser and the interpreter */

enum ptx_op {
    PTX_MOV,
    PTX_ADD,
    PTX_SUB,
    PTX_MUL,
    PTX_MAD,
    PTX_FMA,
    PTX_DIV,
    PTX_REM,
    PTX_AND,
    PTX_OR,
    PTX_XOR,
    PTX_NOT,
    PTX_NEG,
    PTX_ABS,
    PTX_SHL,
    PTX_SHR,
    PTX_MIN,
    PTX_MAX,
    PTX_SETP,
    PTX_SELP,
    PTX_CVT,
    PTX_CVTA,
    PTX_LD,
    PTX_ST,
    PTX_BRA,
    PTX_BAR,
    PTX_SHFL,
    PTX_VOTE,
    PTX_MATCH,
    PTX_MMA,
    PTX_LDMATRIX,
    PTX_ATOM,
    PTX_EX2,
    PTX_LG2,
    PTX_SIN,
    PTX_COS,
    PTX_RSQRT,
    PTX_SQRT,
    PTX_RCP,
    PTX_POPC,
    PTX_CLZ,
    PTX_BREV,
    PTX_BFIND,
    PTX_BFI,
    PTX_BFE,
    PTX_PRMT,
    PTX_SHF,
    PTX_COPYSIGN,
    PTX_RET,
    PTX_NOP,
    PTX_OPS
};

/* A modifier is a bit: what stands between the points of an instruction's name. */
enum {
    PTX_WIDE = 1 << 0,
    PTX_HI = 1 << 1,
    PTX_SAT = 1 << 2,
    PTX_TO = 1 << 3, /* cvta.to */
    PTX_WARP = 1 << 4,
    PTX_RED = 1 << 5, /* bar.red */
    PTX_SHIFTAMT = 1 << 6,
    PTX_LEFT = 1 << 7, /* shf.l */
    PTX_WRAP = 1 << 8,
    PTX_POPC_SUM = 1 << 9, /* bar.red.popc */
    PTX_TRANS = 1 << 10
};

enum ptx_round { ROUND_NONE, ROUND_NEAREST, ROUND_DOWN, ROUND_UP, ROUND_ZERO };
enum ptx_space { SPACE_GENERIC, SPACE_PARAM, SPACE_SHARED, SPACE_GLOBAL, SPACE_LOCAL };
enum ptx_operand { PTX_NONE, PTX_REG, PTX_VALUE, PTX_SPECIAL, PTX_LOCAL };

/* A type: u, s, b, f with its bits; p a predicate; h bfloat16, H two of them. */
struct ptx_type {
    char kind;
    int bits;
};

struct ptx_arg {
    enum ptx_operand kind;
    int index;      /* of a register or a special one */
    uint64_t value; /* of a constant; what is added to an address */
};

enum { PTX_ARGS = 14 };

struct ptx_insn {
    enum ptx_op op;
    struct ptx_type type, from; /* from: of cvt and setp's second */
    unsigned modifiers;
    enum ptx_round round; /* to a number of the type, */
    bool whole;           /* or to a whole one */
    enum ptx_space space;
    int vector;    /* elements of ld and st */
    int word;      /* compare, shuffle, atomic, vote, boolean: a number in its table */
    int combine;   /* setp: and 1, or 2, xor 3 */
    int predicate; /* register, or -1 */
    bool negated;
    int target; /* bra */
    int line, outputs, n;
    struct ptx_arg arg[PTX_ARGS];
};

struct ptx_entry {
    char *name;
    const char *text; /* from its parameters on; parsed when it is first run */
    struct ptx_file *file;
    struct ptx_insn *code;
    int insns, registers;
    unsigned maxntid; /* of __launch_bounds__; 0: none */
    size_t local_bytes;
};

/* Static shared arrays: their places, for bounds. */
struct ptx_array {
    char name[160];
    size_t offset, bytes; /* bytes 0: rf_shared, behind all others */
};

struct ptx_file {
    char *path, *text;
    struct ptx_entry *entries;
    int n_entries;
    struct ptx_array shared[64], tables[64]; /* tables: offset is an address of ours */
    int n_shared, n_tables;
    size_t shared_bytes;
};

enum { PTX_SPECIALS = 13 }; /* tid, ntid, ctaid, nctaid: x y z each; laneid */

/** Parse an entry's code, if that was not done. */
void ptx_parse(struct ptx_entry *e);

enum { PTX_LINE = 2048 };

/** The next line of *text, in line[PTX_LINE], without white space around it, comments, and
 * braces around one instruction of inline assembly; of a longer one, a table, the beginning.
 * NULL: there is none. */
char *ptx_next_line(const char **text, char *line);

/** Read a file, and where its entries are. */
struct ptx_file *ptx_read(const char *path);

/** One thread. */
void ptx_run(const struct ptx_entry *e, const char *parameters);

#endif
