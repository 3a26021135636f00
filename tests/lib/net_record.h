/*
 * net_record.h - keeps the events of a simulated network, for net_replay(), and
 * hashes its effects. Tests use net.h.
 */
#ifndef LIB_NET_RECORD_H
#define LIB_NET_RECORD_H

#include "core/part/part.h"
#include "lib/net.h"
#include "node/handover.h"

enum record_kind {
	RECORD_START,
	RECORD_STOP,
	RECORD_STEP,
	RECORD_HOME,
	RECORD_END_BUSY,
	RECORD_GO_ON
};

/* Keep an event, or the start or stop of a node (ev is NULL). Do nothing if the
 * network keeps no record. */
void net_record_add(struct net *, enum record_kind, unsigned node,
    const struct event *ev);
/* Keep a call of node_make_home(). */
void net_record_add_home(struct net *, unsigned node, const struct event *ev,
    const struct part_home *);
/* Keep a call of handover_end_busy(), or a hand-over. */
void net_record_add_end(struct net *, unsigned node, const struct event *ev,
    bool all);
void net_record_add_go_on(struct net *, unsigned node, const struct event *ev,
    const struct handover *);
void net_record_free(struct net *);

/* Print one event as a line. */
void net_event_print(FILE *, unsigned node, const struct event *);

/* Hash the effects of one step into *hash. */
void net_hash_effects(uint64_t *hash, unsigned node, const struct effects *);

#endif
