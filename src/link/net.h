/*
 * net.h - the links of one server, its log and its map: the interface for
 * node/.
 *
 * link/ reads the core, and calls it when a snapshot is taken or the map
 * changes. It hands out entries one by one, in log order, for node/ to apply.
 * So an entry that the core makes in answer to another one goes into the log
 * right behind it.
 *
 * link/ never opens, writes or closes a connection, and reads no clock. To add
 * a line of the protocol, see HACKING.md. The rules are in
 * doc/link-protocol.md.
 *
 * One step of the caller:
 *	link_net_clock()	the clocks of the event
 *	link_net_step()		the event; SEED, CONF and TICK go to the core
 *				first
 *	until nothing comes any more:
 *		core_out()		link_net_own() for its entries,
 *					link_net_route() for the rest
 *		link_net_pending()	core_apply(), link_net_processed(),
 *					as far as the turn's budget goes
 *		link_net_tell_core()	true: begin again
 *	link_net_finish()
 */
#ifndef LINK_NET_H
#define LINK_NET_H

#include "core/core.h"

struct link_net;

/* Make the links of a core, which is borrowed and must outlive them. NULL is
 * allowed for link_net_free(). */
struct link_net *link_net_new(struct core *);
void link_net_free(struct link_net *);

/* Look at the clocks of an event. This comes first in a step, before the core
 * makes a stamp. */
void link_net_clock(struct link_net *, const struct event *);
/* Handle an event. Events of clients and of the control socket are ignored. */
void link_net_step(struct link_net *, const struct event *, struct effects *);

/* Append an entry that the core made to the log. The reference moves to it. */
void link_net_own(struct link_net *, const struct event *, struct effects *,
    struct entry *);
/* Route an OUT_QUERY, OUT_ANSWER or OUT_DONE of the core towards its server. If
 * that is this server, the core is called back. */
void link_net_route(struct link_net *, const struct event *, struct effects *,
    const struct out *);

/* Return the next entry to apply, borrowed until link_net_processed(). Return
 * NULL if there is none, or if none may be applied yet, because the core is
 * held or a snapshot is judged. *facts_known tells whether a snapshot has
 * brought the facts of the entry. */
const struct entry *link_net_pending(const struct link_net *,
    bool *facts_known);
/* Note that this entry was applied. */
void link_net_processed(struct link_net *);

/* Take snapshots that are complete, tell the core which servers are visible,
 * and let it make READY or a FORGET if it is time. Entries may be pending.
 * Return true if the core was called and may have made something. */
bool link_net_tell_core(struct link_net *, const struct event *,
    struct effects *);

/* Carry out an order of the operator at the control socket: end the link with a
 * peer, or make it (link/peers/order.h). Write what was done, or why nothing
 * was, in lines. Return false if nothing was done. The caller goes on with
 * link_net_tell_core(). */
bool link_net_order(struct link_net *, const struct event *, struct effects *,
    struct span order, struct writer *told);

/* Write the line by which a link is told that this server is stopped, with its
 * end, before ERROR (link-protocol.md, 5.13). Write nothing if the connection
 * is no link that may be told. */
void link_net_farewell(const struct link_net *, struct conn_id,
    struct writer *);

/* Trim the log, send what there is to send, and free links that ended. Return
 * when to be called again. */
struct mono link_net_finish(struct link_net *, const struct event *,
    struct effects *);

/* ---- for the simulator and the tests ------------------------------------ */

/* Return true while the entries that a snapshot carries are accepted. The core
 * has its facts then, and waits. */
bool link_net_is_taking(const struct link_net *);

/* Return NULL, or text in the arena that names the first invariant which does
 * not hold. */
const char *link_check(const struct link_net *, struct arena *);

#ifdef BANYAN_MUTATE
void link_net_set_mutation(struct link_net *, int);
#endif

#endif
