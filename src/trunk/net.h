/*
 * net.h - all trunks of one server, as node/ uses them.
 *
 * The core does not know trunks: a client on a trunk is a connection to it. So
 * a step that concerns trunks has three parts (node/node.c):
 *
 *	trunk_net_step()	a line of a gate becomes at most one event for
 *				the core, which the node hands to the core
 *	trunk_net_next()	while something more is to be done: the event
 *				for the core. A stream has ended, or the core
 *				has granted a line that has come already
 *	trunk_net_finish()	reads the effects of the whole step; those for
 *				streams become lines, and all lines of a trunk
 *				go out as one buffer
 *
 * The effects stay as they are: the caller of the node passes over connections
 * that it does not know.
 */
#ifndef TRUNK_NET_H
#define TRUNK_NET_H

#include "core/types/effect.h"
#include "core/types/event.h"

struct core;
struct settings;
struct trunk_net;
struct vector;

/* Make the trunks of a server, none at first. The core is borrowed, and lives
 * as long. */
struct trunk_net *trunk_net_new(struct core *);
void trunk_net_free(struct trunk_net *);

/* Begin in place of EV_SEED and EV_CONF, for a node that goes on with another
 * one: no trunk is handed over. */
void trunk_net_begin(struct trunk_net *, const unsigned char seed[32],
    const struct settings *);

/* Take an event of any kind. Return true if *core is the event that the core
 * shall take in its place. */
bool trunk_net_step(struct trunk_net *, const struct event *,
    struct event *core, struct effects *);

/*
 * Get the next event of a stream for the core. The effects from number *at on
 * are looked at, and *at goes on. Return false if there is none for now: the
 * streams of a trunk that has ended go in slices, as far as the turn has room,
 * and so do lines that have waited.
 */
bool trunk_net_next(struct trunk_net *, const struct event *, size_t *at,
    struct event *core, struct effects *);

/* The entries that the server has processed, as POS says it. */
struct trunk_position {
	const struct vector *done;
	uint64_t serial; /* another one whenever done has changed */
};

/* Turn the effects from number `from` on into lines. Return when to be called
 * again. */
struct mono trunk_net_finish(struct trunk_net *, const struct event *,
    const struct trunk_position *, size_t from, struct effects *);

/* Return NULL, or what a hand-over has to wait for: streams of trunks that have
 * not ended. */
const char *trunk_net_awaits(const struct trunk_net *);

#ifdef BANYAN_MUTATE
/* Take back a rule of the trunks, by its number in core/types/mutate.h. */
void trunk_net_set_mutation(struct trunk_net *, int);
#endif

/* Return NULL, or the rule of check.c that does not hold, a static text. */
const char *trunk_check(const struct trunk_net *);

#endif
