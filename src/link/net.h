/*
 * net.h - the links of one server, its log and its map: the way in for node/.
 *
 * Reads the core and calls it where a snapshot is taken or the map changes;
 * entries are handed out one by one in log order for node/ to apply, so that
 * what the core answers to one can go into the log before the next.
 *
 * It never opens, writes or closes a connection and reads no clock. To add a
 * line of the protocol: a row in verb.def and its file under msg/. The rules
 * are in doc/link-protocol.md.
 *
 * A caller's step:
 *	link_net_step()		of links, or SEED, CONF, TICK after the core's
 *	while something comes:
 *		core_out()		link_net_own() its entries,
 *					link_net_route() the rest
 *		link_net_pending()	core_apply(), link_net_processed()
 *		link_net_tell_core()	true: begin again
 *	link_net_finish()
 */
#ifndef LINK_NET_H
#define LINK_NET_H

#include "core/core.h"

struct link_net;

/* The core is borrowed and outlives it. */
struct link_net *link_net_new(struct core *);
void link_net_free(struct link_net *); /* before its core */

/* SEED, CONF, TICK, LINK_OPEN, LINK_LINE, LINK_CLOSED, LINK_WRITABLE,
 * DIAL_FAILED; others are nothing to it. */
void link_net_step(struct link_net *, const struct event *, struct effects *);

/* An entry the core made: takes the reference. */
void link_net_own(struct link_net *, const struct event *, struct effects *,
    struct entry *);
/* OUT_QUERY, OUT_ANSWER, OUT_DONE of the core; may call it back. */
void link_net_route(struct link_net *, const struct event *, struct effects *,
    const struct out *);

/* The next entry to apply, borrowed until link_net_processed(), or NULL. */
const struct entry *link_net_pending(const struct link_net *,
    bool *facts_known);
void link_net_processed(struct link_net *);

/* With nothing pending: who is visible, is it time for READY? True if the
 * core was told something and may have answered. */
bool link_net_tell_core(struct link_net *, const struct event *,
    struct effects *);

/* Sends what is to be sent, frees who is dead; the next deadline. */
struct mono link_net_finish(struct link_net *, const struct event *,
    struct effects *);

/* ---- for the simulator and the tests ------------------------------------ */

/* NULL, or which numbered invariant does not hold. In arena. */
const char *link_check(const struct link_net *, struct arena *);

#ifdef BANYAN_MUTATE
void link_net_set_mutation(struct link_net *, int);
#endif

#endif
