/*
 * peers.h: devices of several processes that send each other numbers themselves, past the
 * memory of their hosts. A device that can do so has this table in its own, nn/ops.h.
 *
 * The processes are numbered from 0 on, as many as a power of two, and a process exchanges with
 * those whose number differs from its own in one bit. Two that exchange make the same calls in
 * the same order, each with the number of the other.
 */
#ifndef NN_PEERS_H
#define NN_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct nn;

enum { NN_PEERS_ID_BYTES = 128 };

struct nn_peers {
    const char *name; /* of what carries the numbers, for the log: "NCCL" */

    /** Write NN_PEERS_ID_BYTES which all processes of one group are to join by; one of them
     * asks for them. RF_OK; RF_EINVAL: something is missing on this machine; RF_EIO, RF_ENOMEM.
     * The device is as good as before. */
    int (*make_id)(struct nn *nn, void *id, struct errbuf *eb);

    /** Join: all processes call it, and it returns when this one has exchanged some bytes with
     * each that it is to exchange with, or after a minute. RF_OK; RF_EINVAL, RF_EIO, RF_ENOMEM:
     * this process has not joined, others may have, and the device is as good as before. */
    int (*join)(struct nn *nn, const void *id, int rank, int size, struct errbuf *eb);

    /** Leave. Where all do so `together`, with nothing under way, it is done in order; else
     * what is under way is given up. Nothing happens if this process has not joined. It comes
     * before any memory of the device is given back that was exchanged. */
    void (*leave)(struct nn *nn, bool together);

    /*
     * Operations, as those of nn/ops.h. They are made one after the other, each when all that
     * was asked of the device before it is done, and beside what is asked of it later: that may
     * neither write what goes out nor touch what comes in before finish() has returned.
     */

    /** Send out_bytes to process `peer`, and receive in_bytes from it. */
    void (*exchange)(struct nn *nn, int peer, const void *out, size_t out_bytes, void *in,
                     size_t in_bytes);
    /** The same of so many floats, but what is received is added to `in`. */
    void (*exchange_add)(struct nn *nn, int peer, const float *out, size_t out_floats,
                         float *in, size_t in_floats);

    /** Return when all of these are done, or the device has failed: it fails too if the way to
     * another process does, some seconds later, as somebody else may notice first that the
     * process is gone. One that is silent is waited for. */
    void (*finish)(struct nn *nn);
};

#endif
