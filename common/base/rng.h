/*
 * rng.h: counter-based random numbers.
 *
 * A number depends only on (seed, step, layer, site, element). So there is no state to save,
 * any thread may ask for any element, and a run that resumes draws the numbers that it would
 * have drawn. The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random
 * numbers: as easy as 1, 2, 3", 2011).
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/** Who draws. Each use in the project has its own number, so that no two share a stream. */
enum rng_site {
    RNG_INIT = 1, /* initial weights; layer = index of the tensor */
    RNG_ROTATE,   /* LSH rotations */
    RNG_DROPOUT,  /* any dropout */
    RNG_SHUFFLE,  /* order of the data; step = epoch */
    RNG_SPLIT,    /* whether a document is for training or evaluation; element = document */
    RNG_MASK,     /* masked-LM choice; step = epoch, element = token of the corpus */
    RNG_MIX, /* layer 0: which source comes next, element = record; layer 1 + source: the order
                of that source, step = pass */
    RNG_SAMPLE,    /* a token that is written: step = prompt, layer = sample, element = place */
    RNG_GENERATOR, /* seeds of a second model: rng_apart() */
    RNG_REPLACE,   /* a word that a generator puts in the place of another */
    RNG_RESAMPLE = 32, /* a question that is drawn again for an interval; step = resample */
    RNG_BLOCKS, /* shards read by blocks; layer 0: where the choice of sources begins; layer 1 +
                   source, step = pass: seeds of the orders of its blocks and records */
    RNG_CLOZE,  /* a question made of a statement: step = context, layer 0: whether and in which
                   order its sentences are asked about; layer 1 + place in it: one of them */
    RNG_LENGTHS, /* the order of batches that were sorted by length; step = group */
    RNG_TEST = 255
};

/** A stream of 2^64 elements. rng_stream() makes it, and it may be copied. */
struct rng {
    uint64_t seed, stream;
};

/** step must be below 2^32 and layer below 2^16: larger numbers wrap around. */
static inline struct rng rng_stream(uint64_t seed, uint64_t step, uint32_t layer,
                                    enum rng_site site)
{
    struct rng r = {seed, step << 32 | (uint64_t)(layer & 0xffff) << 16 | (uint64_t)site};

    return r;
}

/** Write the four 32-bit words of block `block`: elements 4*block to 4*block+3 of rng_u32(). */
void rng_block(uint32_t out[4], struct rng r, uint64_t block);

/** Element i: 32 bits, uniform. */
uint32_t rng_u32(struct rng r, uint64_t i);

/** Element i: 64 bits, uniform. */
uint64_t rng_u64(struct rng r, uint64_t i);

/** A seed made of a seed: who draws by it shares no stream with who draws by that one. */
static inline uint64_t rng_apart(uint64_t seed, enum rng_site site)
{
    return rng_u64(rng_stream(seed, 0, 0, site), 0);
}

/** Element i: a number below n; n > 0. The bias is negligible (at most 2^-64 n). */
uint64_t rng_below(struct rng r, uint64_t i, uint64_t n);

/** Element i: uniform in [0, 1), with 24 bits. */
float rng_uniform(struct rng r, uint64_t i);

/** Element i: standard normal (Box and Muller on one block; two elements share it). */
float rng_normal(struct rng r, uint64_t i);

/**
 * Returns where element i goes in a pseudo-random permutation of [0, n); i < n. The
 * permutation is computed (four Feistel rounds keyed by r, cycle-walking), so an order
 * needs no table in memory.
 */
uint64_t rng_permute(struct rng r, uint64_t i, uint64_t n);

#endif
