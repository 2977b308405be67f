/* reformer-wire.c: what joins ranks in another version; tests/cli/ranks/refused.sh renames it.
 */
#include "ranks/wire.h"

const struct wire_plugin *wire_plugin(void)
{
    static const struct wire_plugin p = {WIRE_PLUGIN_VERSION + 1, sizeof(struct wire), NULL};

    return &p;
}
