/*
 * pieces.h: how blocks laid out as the weights are cut, whatever the number of ranks.
 *
 * The squares of a gradient are summed piece by piece, and the sums of the pieces are added in
 * one order. A rank has a part of the optimiser's states: neighbouring pieces. So the norm of a
 * gradient and what an optimiser does with it have the same bits at any number of ranks.
 */
#ifndef TRAIN_PIECES_H
#define TRAIN_PIECES_H

#include "model/params.h"
#include "train/config.h"

struct piece {
    size_t offset, floats; /* its place in a block */
    size_t place;          /* its number in the order in which backward completes them */
    double cost;           /* of its update, in numbers of a simple one */
};

/** {0} has none. */
struct pieces {
    struct piece *at; /* [n] by their places in a block, which they cover without a gap */
    size_t *order;    /* [n] their numbers in the order in which squares are added */
    size_t n;
    size_t *first, *border; /* [parts + 1] part i has the pieces from first[i] up to first[i +
                               1], and the numbers from border[i] up to border[i + 1] */
};

/** A part of a block: its numbers from `from` up to `to`. */
struct params_part {
    size_t from, to;
};

/** Cut blocks of these parameters, for this optimiser: where it needs to see a whole tensor at
 * once that stays in one piece. And find parts of about equal cost, some of which may be empty.
 * RF_OK or RF_ENOMEM; pieces_free() in either case. */
MUST_CHECK int pieces_new(struct pieces *p, const struct params *params,
                          const struct optim_cfg *cfg, size_t parts, struct errbuf *eb);
void pieces_free(struct pieces *p);

static inline struct params_part pieces_part(const struct pieces *p, size_t part)
{
    return (struct params_part){p->border[part], p->border[part + 1]};
}

/** The numbers that a part and a span have in common; from == to: none. */
static inline struct params_part part_of_span(const struct params_part *part,
                                              const struct params_span *span)
{
    size_t end = span->offset + span->floats;
    struct params_part both = {part->from > span->offset ? part->from : span->offset,
                               part->to < end ? part->to : end};

    if (both.to < both.from)
        both.to = both.from;
    return both;
}

#endif
