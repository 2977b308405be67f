/*
 * muon.h: an update of one matrix by Muon (Jordan et al. 2024): the momentum of its gradients,
 * made nearly orthogonal, so that all directions of the matrix move about equally far.
 */
#ifndef TRAIN_MUON_H
#define TRAIN_MUON_H

#include "nn/nn.h"

struct muon {
    struct muon_step step;
    size_t ns_steps; /* of the Newton-Schulz iteration */
};

/** Floats of device memory that muon_update() works in. */
size_t muon_work(size_t rows, size_t cols);

/**
 * w[rows,cols] = keep w - rate U, where U is the direction of how->step, of unit length, after
 * ns_steps of a quintic Newton-Schulz iteration: its singular vectors are the direction's, its
 * singular values mostly near 1. m[rows,cols], the mean of the gradients, moves towards grad.
 * All but `how` are on the device; work[muon_work()] may hold anything. Products are those of
 * op gemm, in its number type. Where how->step.scale is NaN nothing but `work` changes.
 */
void muon_update(struct nn *nn, float *w, float *m, const float *grad, const struct muon *how,
                 float keep, float rate, size_t rows, size_t cols, float *work);

#endif
