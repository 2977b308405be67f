/*
 * rng.h: counter-based random numbers.
 *
 * A number is a pure function of (seed, step, layer, site, element): there is no state to save,
 * any thread may ask for any element, and a run that resumes draws what it would have drawn.
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3",
 * 2011).
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/** Who draws: one number for each use in the project, so that no two uses share a stream. */
enum rng_site {
    RNG_INIT = 1, /* initial weights; layer = index of the tensor */
    RNG_ROTATE,   /* LSH rotations */
    RNG_DROPOUT,  /* any dropout */
    RNG_SHUFFLE,  /* order of the data; step = epoch */
    RNG_SPLIT,    /* training or evaluation; element = document */
    RNG_MASK,     /* masked-LM choice; step = epoch, element = token of the corpus */
    RNG_MIX,      /* layer 0: which source, element = record; layer 1 + source: its order, step
                     = pass */
    RNG_TEST = 255
};

/** A stream of 2^64 elements; made by rng_stream(), copied freely. */
struct rng {
    uint64_t seed, stream;
};

/** step below 2^32, layer below 2^16: larger ones wrap. */
static inline struct rng rng_stream(uint64_t seed, uint64_t step, uint32_t layer,
                                    enum rng_site site)
{
    struct rng r = {seed, step << 32 | (uint64_t)(layer & 0xffff) << 16 | (uint64_t)site};

    return r;
}

/** The four 32-bit words of block `block`; elements 4*block to 4*block+3 of rng_u32(). */
void rng_block(uint32_t out[4], struct rng r, uint64_t block);

/** Element i: 32 bits, uniform. */
uint32_t rng_u32(struct rng r, uint64_t i);

/** Element i: 64 bits, uniform. */
uint64_t rng_u64(struct rng r, uint64_t i);

/** Element i: below n, without bias worth naming (2^-64 n); n > 0. */
uint64_t rng_below(struct rng r, uint64_t i, uint64_t n);

/** Element i: [0, 1), 24 bits. */
float rng_uniform(struct rng r, uint64_t i);

/** Element i: standard normal (Box and Muller on one block; two elements share it). */
float rng_normal(struct rng r, uint64_t i);

/**
 * A pseudo-random permutation of [0, n) without a table: where element i goes.
 * Format-preserving (four Feistel rounds keyed by r, cycle-walking), so order costs no memory.
 * i < n.
 */
uint64_t rng_permute(struct rng r, uint64_t i, uint64_t n);

#endif
