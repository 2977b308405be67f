/*
 * plugin.h: a device that is not built in: a shared object reformer-NAME.so with one symbol,
 * nn_plugin(). nn_open_with() looks for it where the device NAME is asked for.
 *
 * It is compiled from these headers, and calls what `exports` beside this file names; the
 * program that opens it has those. It stays loaded until the program ends.
 */
#ifndef NN_PLUGIN_H
#define NN_PLUGIN_H

#include "nn/nn.h"

/** Of what a program and a plugin pass to each other, but for the length of the table of ops:
 * it changes with struct nn, struct nn_options, an op's arguments and what they point to. */
enum { NN_PLUGIN_VERSION = 5 };

struct nn_plugin {
    uint32_t version; /* NN_PLUGIN_VERSION, */
    size_t ops_bytes; /* and sizeof(struct nn_ops), of the headers that it was compiled from; in
                         every version these two stand first */
    const char *name; /* NAME */
    /** nn_open_with() with o->device NAME; o->kind is not looked at. */
    int (*open)(struct nn **nn, const struct nn_options *o, struct errbuf *eb);
};

/** The one symbol. What it returns lives as long as the plugin. */
const struct nn_plugin *nn_plugin(void);

#endif
