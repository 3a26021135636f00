/*
 * handover.h - lets the links of another node go on with the log, the map and
 * the vectors of these, as the same run (doc/decisions/0063). For
 * node/handover.c; see core/handover.h.
 *
 * Links themselves are not handed over: they end, and the new node dials.
 */
#ifndef LINK_HANDOVER_H
#define LINK_HANDOVER_H

#include "core/types/handtext.h"
#include "link/net.h"

/* Return NULL if all this can be handed over now, or what it waits for, a
 * static text. */
const char *link_net_awaits(const struct link_net *);

/* Say all. Invariant: link_net_awaits() returns NULL. */
void link_net_give(const struct link_net *, const struct event *,
    struct handtext *);

/* Links that take lines. */
struct link_taking;

/*
 * Begin to take lines, when the core has taken its own. The net was given no
 * event. Borrow all; the event tells the time, and is an EV_CONF; seed is fresh
 * randomness. The caller ends it with link_take_end(), also after a failure.
 */
struct link_taking *link_take_begin(struct link_net *, const struct event *,
    const unsigned char seed[32], struct effects *);
/* Return true if a line with that verb is one of the links'. */
bool link_take_has(struct span verb);
/* Take a line, by its verb and the rest. Return NULL, or what is wrong with
 * it. */
const char *link_take_line(struct link_taking *, struct span verb,
    struct span rest);
/* End it: all lines came, or `failed`. Return NULL, or what is missing. */
const char *link_take_end(struct link_taking *, bool failed);

#endif
