/*
 * wire.h: what ranks need of something that carries messages between them: MPI, by a plugin, or
 * what stands for it in tests. The plugin is a shared object reformer-mpi.so with one symbol,
 * wire_plugin(). It is compiled from these headers, and calls err_write() of the program.
 */
#ifndef RANKS_WIRE_H
#define RANKS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/** Bytes of the longest message. Messages with tags below WIRE_TAGS are told apart. */
enum { WIRE_PIECE = 1 << 20, WIRE_TAGS = 32767 };

/** A message on its way: the memory is the wire's, which keeps a handle there. */
struct wire_request {
    _Alignas(16) unsigned char handle[16];
};

struct wire;

/*
 * Nothing here waits, add() and close() apart. Messages between two ranks with one tag arrive
 * in the order in which they were sent. Bytes belong to the message until done() says so. The
 * calls return RF_OK, or RF_EIO with a line in `why`; after that only abandon() may be called.
 */
struct wire_ops {
    int (*send)(struct wire *w, struct wire_request *q, int to, int tag, const void *bytes,
                size_t n);
    int (*receive)(struct wire *w, struct wire_request *q, int from, int tag, void *bytes,
                   size_t n);
    /** Add blocks over all ranks in whatever order, and wait until it is done: x has count[p]
     * floats of each part p, one after the other; then those of this rank's part stand at x.
     * NULL: not here. */
    int (*add)(struct wire *w, float *x, const int *count);
    int (*done)(struct wire *w, struct wire_request *q, bool *done);
    /** Leave together with all others, which call it too; give everything back. */
    void (*close)(struct wire *w);
    /** Leave alone, and give back what can be given back without the others. */
    void (*abandon)(struct wire *w);
};

struct wire {
    const struct wire_ops *ops;
    int rank, size, local, locals; /* as in struct ranks */
    struct errbuf why;
};

/** Of what the program and the plugin pass to each other. */
enum { WIRE_PLUGIN_VERSION = 1 };

struct wire_plugin {
    uint32_t version;  /* WIRE_PLUGIN_VERSION; in every version it stands first */
    size_t wire_bytes; /* sizeof(struct wire) of the headers that it was compiled from */
    /** Join the other processes. RF_OK or RF_EIO. */
    int (*open)(struct wire **w, struct errbuf *eb);
};

/** The one symbol. What it returns lives as long as the plugin. */
const struct wire_plugin *wire_plugin(void);

#endif
