/*
 * peer.h - the servers of the network that take gates, as this server tells
 * gates of them by PEER (gate-protocol.md, part 11).
 *
 * All trunks are told the same. So there is one table of what is to be said of
 * each server, in the order of the last change; a trunk remembers how far in
 * that order it has been told. A change costs each trunk one line, and nothing
 * else is walked over.
 */
#ifndef TRUNK_PEER_H
#define TRUNK_PEER_H

#include <bsd/sys/queue.h>

#include "base/map.h"
#include "base/rcbuf.h"
#include "core/types/ids.h"

struct core;
struct trunk;
struct trunk_step;

struct trunk_peer {
	struct sid sid;
	struct rcbuf *words; /* behind the sid; NULL: it has gone */
	uint64_t changed;    /* the serial of its last change */
	uint64_t found;	     /* by the update of that number */
	TAILQ_ENTRY(trunk_peer) link;
};

struct trunk_peers {
	struct map by_sid;
	TAILQ_HEAD(trunk_peer_order, trunk_peer) order; /* by changed */
	uint64_t serial;				/* of the last change */
	uint64_t updates, seen; /* entrance_info_serial() at the last one */
};

void trunk_peers_init(struct trunk_peers *, const unsigned char *key);
void trunk_peers_fini(struct trunk_peers *);

/* Take in what the core sees now. Forget the servers that have gone, if all
 * trunks know that. */
void trunk_peers_update(const struct trunk_step *);

/* Send a trunk all servers, behind SERVER. */
void trunk_peers_begin(const struct trunk_step *, struct trunk *);
/* Send it what has changed, as far as the turn has room. Return true if
 * something is left. */
bool trunk_peers_send(const struct trunk_step *, struct trunk *);

#endif
