/*
 * trunk.h - one connection with a server, and the streams on it
 * (doc/gate-protocol.md, whose rules are cited by their numbers).
 *
 *	dialling --TLS, pin--> opening --SERVER--> up --> ended --> freed
 *	               sends GATE        takes clients
 *
 * A trunk that has ended sends nothing any more. Its clients are told the
 * reason and closed in pieces, some in each turn, by trunks_work(); then it is
 * freed. Clients of other trunks notice nothing.
 */
#ifndef GATE_TRUNK_H
#define GATE_TRUNK_H

#include "gate/gate.h"
#include "gate/placing.h"
#include "gate/roll.h"
#include "gate/trunkline.h"
#include "place/net.h"
#include "wire/frame.h"

#define TRUNK_WHY_MAX 300 /* bytes of a reason */

enum trunk_state {
	TRUNK_IS_DIALLING,
	TRUNK_IS_OPENING,
	TRUNK_IS_UP,
	TRUNK_HAS_ENDED
};

/* The last LOAD of a server (11.4). */
struct trunk_load {
	uint32_t users;
	uint64_t rate;
	uint16_t weight;
	bool draining, full;
};

struct trunk {
	struct gate *gate;
	struct server *server; /* NULL: it is not configured any more, or has
				* another trunk, as no number of a stream is
				* left on this one. So this trunk takes no new
				* clients, and ends with its last one */
	struct stream *stream; /* NULL: ended */
	enum trunk_state state;
	struct frame frame;
	struct roll roll;
	LIST_HEAD(, client) clients;
	LIST_HEAD(, client) drained; /* looked at when the step ends */
	bool in_pos;		     /* the last line of POS has not come */
	uint64_t room;		     /* streams at once (4.2) */
	char origin[TRUNK_ORIGIN_MAX + 1]; /* the run of the server */
	struct place_sid sid;		   /* of it */
	bool first;			   /* of its server: figures.h */
	bool tells_load;
	struct trunk_load load;
	char name[TRUNK_NAME_MAX + 1];
	char region[TRUNK_NAME_MAX + 1];
	struct addr addr; /* of the server */
	struct conf_pin pin;
	bool plaintext;
	bool places; /* it answers questions, and says FULL */
	struct placing_questions questions;
	struct peer *peer; /* the list of its server: peers.h */
	size_t npeers;
	struct timer beat;
	struct timer late; /* more lines lie unread */
	struct mono heard; /* the last line, on the awake clock */
	uint64_t t;	   /* of our last BEAT */
	uint64_t echo;	   /* of the server's last BEAT; 0: none */
	struct mono echo_at;
	int64_t rtt_ms; /* -1: not known */
	struct mono up_at;
	uint64_t lines;		     /* that have come */
	uint64_t work;		     /* for these, but for that of the roll */
	char why[TRUNK_WHY_MAX + 1]; /* it has ended */
	LIST_ENTRY(trunk) link;
};

/* Connect to a server. Its server.h is told how it ends. */
void trunk_dial(struct server *, const struct addr *, uint16_t port);
/* Take no more clients, and end the trunk with its last one. */
void trunk_retire(struct trunk *);
/* End the trunk and its streams at once: its server has another key now. */
void trunk_revoke(struct trunk *);

/* Give a client a stream on a trunk that is up, and tell the server (NEW). It
 * is expected to read that much (place/rate.h). */
void trunk_join(struct trunk *, struct client *, const struct trunk_client *,
    uint64_t rate);
/* Take a client off its trunk, if it is on one. The server is told nothing. */
void trunk_leave(struct client *);

/* Ask where somebody should be (12.1). */
struct place_who;
void trunk_ask(struct trunk *, uint64_t q, const struct place_who *);

/* Tell the server of a client. These do nothing if the client is on no trunk,
 * or its trunk has ended. */
void trunk_send_line(struct client *, struct span line, unsigned int wrong);
void trunk_send_closed(struct client *, struct span why);
/* Send a line of one number: EOF, EXCESS or DRAINED. */
void trunk_send_of(struct client *, const char *verb);

/* Go on with trunks that have ended: end at most n clients. Return true if
 * more is to be done. */
bool trunks_work(struct gate *, unsigned int n);
/* End all trunks, when their clients are gone, and flush what is queued. */
void trunks_stop(struct gate *);
/* Free all trunks. Invariant: there are no clients. */
void trunks_fini(struct gate *);

#endif
