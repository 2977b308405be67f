/* plugin.h: parts of the program that are shared objects, reformer-NAME.so: where one lies, and
 * its one symbol. It stays loaded until the program ends. */
#ifndef BASE_PLUGIN_H
#define BASE_PLUGIN_H

#include "base/buf.h"

/** The path of reformer-NAME.so: in the folders of RF_PLUGIN_PATH, which stand with ":" between
 * them; without it in the program's folder or in ../lib/reformer-tools beside that. RF_OK;
 * RF_EINVAL: it is not there; RF_ENOMEM. */
MUST_CHECK int plugin_find(struct buf *path, const char *name, struct errbuf *eb);

/** Load it, and give its function `entry`, which the caller knows the type of. RF_OK, or
 * RF_EINVAL: it cannot be loaded, or has no such function. */
MUST_CHECK int plugin_load(void (**function)(void), const char *path, const char *entry,
                           struct errbuf *eb);

#endif
