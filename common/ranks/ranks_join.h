/* ranks_join.h: ranks on any wire; private to this folder and its tests. */
#ifndef RANKS_RANKS_JOIN_H
#define RANKS_RANKS_JOIN_H

#include "ranks/ranks.h"
#include "ranks/wire.h"

/** Ranks that are joined by `w` and not watched: nobody notices if one ends. */
void ranks_join(struct ranks *r, struct wire *w);

#endif
