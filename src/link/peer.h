/*
 * peer.h - the configured peers, and when to dial which.
 *
 * One per peer of the settings, kept over a reload if its sid stays. A
 * peer with addresses is dialled while it has no link: each address in turn,
 * then a pause that doubles, with jitter so that two ends do not meet for
 * ever. Owns nothing but itself; the settings belong to the caller.
 */
#ifndef LINK_PEER_H
#define LINK_PEER_H

#include "base/mtime.h"
#include "core/types/settings.h"

struct link;
struct link_step;

#define PEER_WHY_MAX 200 /* bytes */

struct peer {
	struct sid sid;
	const struct peer_settings *set;
	uint64_t dial;	/* under way; 0: none */
	size_t address; /* the next one */
	unsigned tries; /* rounds that came to nothing */
	struct mono next;
	/* the last of its own entries that came on any link of ours: its run,
	 * number, stamp */
	uint32_t own_inc;
	uint64_t own_n;
	struct stamp own_stamp;
	char why[PEER_WHY_MAX]; /* its last link ended, or its last dial */
	size_t nwhy;
};

/* For the operator; may be a stranger's words. */
void peer_set_why(struct peer *, struct span why);

/* EV_CONF: peers anew; links of those that are gone are refused. */
void peers_conf(const struct link_step *);
/* Dials who is due. */
void peers_tick(const struct link_step *);
/* The earliest dial, or never. */
struct mono peers_deadline(const struct link_step *);

/* Peers that are found are borrowed until the next peers_conf(). */

/* Which dial it was; NULL if it is nobody's any more. */
struct peer *peer_of_dial(const struct link_step *, uint64_t dial);
/* On to the next address, or, after the last, to a pause. */
void peer_dial_failed(const struct link_step *, struct peer *,
    struct span reason);
/* Its link is gone; lasted: it had been up for a while. */
void peer_lost(const struct link_step *, struct peer *, bool lasted);

/* NULL if nobody. */
struct peer *peer_of_pin(const struct link_step *, const unsigned char pin[32]);
struct peer *peer_of_name(const struct link_step *, struct span name);

#endif
