/*
 * peer.h - the configured peers, and when to dial which.
 *
 * There is one struct peer for each peer of the settings. It outlives a reload
 * if its sid stays. A peer with addresses is dialled while it has no link: each
 * address in turn, and then, after a pause, again. The pause doubles each time,
 * more or less at random, so that two servers do not dial each other at the
 * same moment again and again. The settings are borrowed.
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
	uint64_t dial;	  /* number of the dial under way; 0: none */
	size_t address;	  /* index of the next one to dial */
	unsigned tries;	  /* rounds through all addresses that failed */
	struct mono next; /* when to dial again */
	bool held;  /* no link is made: an operator has ended it (order.h) */
	bool juped; /* jupe.h */
	bool jupe_waits; /* its links stay meanwhile; operators know */
	bool jupe_tried; /* the map has which servers it is the only way to */
	/* servers that were lost while it waited may return until then */
	struct mono jupe_by;
	struct mono jupe_at; /* no link of it is closed before */
	/* the last of its own entries that came on a link of the two servers:
	 * its run, number and stamp */
	uint32_t own_inc;
	uint64_t own_n;
	struct stamp own_stamp;
	char why[PEER_WHY_MAX]; /* how its last link or dial ended */
	size_t nwhy;
};

/* Keep the reason for the operator, cut to PEER_WHY_MAX. It may be a stranger's
 * words, and need not be UTF-8. */
void peer_set_why(struct peer *, struct span why);

/* Take the peers from the settings of an EV_CONF, and refuse the links of peers
 * that are gone or that do not fit any more. */
void peers_conf(const struct link_step *);
/* Dial each peer whose time has come. */
void peers_tick(const struct link_step *);
/* Shorten the pauses of peers that are in limbo since this step. */
void peers_hasten(const struct link_step *);
/* Return when the next peer is to be dialled, or MONO_NEVER. */
struct mono peers_deadline(const struct link_step *);

/* Return the peer that this dial is for, borrowed until the next peers_conf(),
 * or NULL if it is not configured any more. */
struct peer *peer_of_dial(const struct link_step *, uint64_t dial);
/* Go on to the next address or, after the last one, to a pause. */
void peer_dial_failed(const struct link_step *, struct peer *,
    struct span reason);
/* Note that a link to the peer has ended. lasted: it had been up for a while,
 * so that the pause before the next dial begins short again. */
void peer_lost(const struct link_step *, struct peer *, bool lasted);
/* Note that the peer has said that it starts again: dial it soon. */
void peer_restarts(const struct link_step *, struct peer *);

/* Return the configured peer, borrowed until the next peers_conf(), or NULL. */
struct peer *peer_of_pin(const struct link_step *, const unsigned char pin[32]);
struct peer *peer_of_name(const struct link_step *, struct span name);

#endif
