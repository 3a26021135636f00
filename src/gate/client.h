/*
 * client.h - the connection of a client, and its stream on a trunk.
 *
 *	accepted --TLS--> open --placing--> on a trunk --> closed
 *	                    ^        |
 *	                    +- waits-+  (no server takes clients)
 *
 * A client may send as many lines as its server has granted (gate-protocol.md,
 * 5.4); the rest stays unread in its connection. Lines for it wait in the queue
 * of its connection: a client that reads slowly costs this queue and nothing
 * else.
 */
#ifndef GATE_CLIENT_H
#define GATE_CLIENT_H

#include <bsd/sys/queue.h>

#include "gate/choose.h"
#include "gate/gate.h"
#include "host/proxied.h"
#include "wire/frame.h"

struct client {
	struct gate *gate;
	struct stream *stream;
	struct trunk *trunk; /* NULL: it waits for one, or is not open */
	struct seat *seat;   /* on the trunk; NULL: likewise */
	union {
		LIST_ENTRY(client) of_trunk;
		TAILQ_ENTRY(client) waiting;
	};
	LIST_ENTRY(client) drained_link;
	struct placing *placing; /* NULL: a server has taken it, or it waits */
	uint64_t c;		 /* the number of its last line (5.5) */
	struct mono since;	 /* when it was open */
	struct addr addr;
	char *told; /* version, cipher and name that a proxy has told of TLS,
		     * each with its NUL; until a server takes it; or NULL */
	uint32_t granted;
	uint32_t recvq; /* bytes that may lie unread (5.8) */
	uint32_t drain; /* tell when fewer bytes wait (5.9); 0: do not */
	uint32_t place; /* in gate->places */
	uint32_t port_serial;
	uint16_t port; /* of the listener */
	struct frame frame;
	bool tls : 1;	      /* of its connection with the gate */
	bool web : 1;	      /* it speaks WebSocket */
	bool proxied : 1;     /* a proxy has told the address */
	bool proxied_tls : 1; /* it speaks TLS with the proxy */
	bool sniffed : 1;     /* the first bytes were checked: foreign.h */
	bool open : 1;	      /* its handshake is done */
	bool waits : 1;	      /* on gate->waiting */
	bool ended : 1;	      /* EOF is sent (5.7) */
	bool excess : 1;      /* EXCESS is sent (5.8) */
	bool drains : 1;      /* on the list of its trunk */
};

/* Make a client of a new connection on a port. It owns the descriptor, and
 * closes it if the gate refuses it. */
void client_accept(struct gate_port *, const struct accepted *);

/* ---- from its trunk ---- */

/* Allow n more lines (5.4), and set how many bytes may wait (5.8). */
void client_grant(struct client *, uint64_t n);
void client_bound(struct client *, uint64_t sendq, uint64_t recvq);
/* Tell the trunk once at most n bytes wait. The trunk calls
 * client_tell_drained() at the end of the server's step; from then on the
 * client looks by itself. */
void client_drain(struct client *, uint64_t n);
void client_tell_drained(struct client *);
/* End the connection after what waits has been sent. The client leaves its
 * trunk, which is told nothing, and is freed. */
void client_end(struct client *, struct span why);
/* Do the same because the gate or the server is not there any more, and send
 * `ERROR :` and the reason before. */
void client_end_told(struct client *, struct span why);

/* ---- from its choice of a server ---- */

/* Put the client on a trunk. `over`: no server has room; rate: that of COST, 0
 * if it is not known. */
void client_join(struct client *, const struct choice *, bool over,
    uint64_t rate);
/* A server has taken the client. */
void client_is_taken(struct client *);
/* Wait until a server takes clients. */
void client_wait(struct client *);

/* ---- from the gate ---- */

/* Seat clients that wait, as long as trunks have room, and at most n of them.
 * Return true if more could be seated. */
bool clients_seat(struct gate *, unsigned int n);
/* Tell each client the reason, and each server of its clients; close all. */
void clients_stop(struct gate *, struct span why);
void clients_init(struct gate *);
/* Close all connections at once. */
void clients_fini(struct gate *);

#endif
