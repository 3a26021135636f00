/*
 * endpoint.h - a connection of the node, of a client, a link or a gate: a
 * stream, its lines, and the number of lines that the node has granted. The
 * node names it by slot and generation.
 *
 * 	dialling ─┐
 * 	          ├─→ open ─→ closing (node asked for it, or the stream ended)
 * 	accepted ─┘
 */
#ifndef DAEMON_ENDPOINT_H
#define DAEMON_ENDPOINT_H

#include "daemon/banyand.h"
#include "daemon/kept.h"
#include "host/proxied.h"
#include "wire/frame.h"

struct broker; /* daemon/brokers.c */

struct endpoint {
	struct banyand *banyand;
	struct stream *stream; /* NULL when it has ended */
	struct broker *via;    /* in its place, of a link through a broker */
	unsigned via_slot;     /* its number there (broker/bus.h) */
	struct conn_id id;
	bool link;    /* or a trunk; else a client */
	bool trunk;   /* of a gate */
	bool open;    /* the node knows the endpoint */
	bool busy;    /* in consume, which must not free the endpoint */
	bool ended;   /* the node knows that the peer sends no more */
	bool sniffed; /* the first bytes were checked: foreign.h */
	bool tls;
	bool web; /* WebSocket */
	bool loopback;
	bool proxied;	  /* a proxy has told the address */
	bool proxied_tls; /* the client speaks TLS with the proxy */
	char *cipher;	  /* of that, until it is open; NULL: unknown */
	char *asked;	  /* likewise: the name that the client asked for */
	bool counted;	  /* in banyand->opening or ->linking */
	bool closing;	  /* an entry on banyand->closing has the endpoint */
	uint64_t dial;	  /* the number of its EFF_DIAL; 0: accepted */
	struct addr addr;
	uint16_t port; /* of the listener */
	uint32_t port_serial;
	bool drains;	  /* on banyand->drained */
	unsigned granted; /* the number of lines that a client may send */
	bool held;	  /* a link, of which no lines are handed in */
	uint32_t drain;	  /* tell the node when fewer bytes wait; 0: do not */
	struct frame frame;
	SLIST_ENTRY(endpoint) drained_link;
};

/* Prepare the endpoints of a server; endpoint_drop_all frees them. */
void endpoint_init(struct banyand *);

/*
 * Make an endpoint of a new connection on a port. The endpoint owns fd and
 * closes it if the connection is refused.
 */
void endpoint_accept(struct port *, const struct accepted *);
/* Carry out EFF_DIAL. An event tells the node the result, after this returns.
 */
void endpoint_dial(struct banyand *, uint64_t dial, struct addr, uint16_t port,
    bool tls, struct span name);

/* Make an endpoint of a link through a broker that stands, and tell the node of
 * its end; then it is gone. */
struct endpoint *endpoint_through(struct banyand *, struct broker *,
    unsigned slot);
void endpoint_through_ended(struct endpoint *, struct span why);

/* Return the endpoint, borrowed, or NULL if it has ended. */
struct endpoint *endpoint_find(struct banyand *, struct conn_id);
/* Allow n more lines. Lines that were read already go to the node in this turn
 * or the next. */
void endpoint_grant(struct endpoint *, unsigned n);
/* Hand in no lines of a link, or go on. Meanwhile the stream reads up to its
 * recvq, and then the peer has to wait. */
void endpoint_hold(struct endpoint *, bool on);
/* Set how many bytes may wait to be sent to a client, and how many bytes of the
 * client may wait to be read. */
void endpoint_bound(struct endpoint *, uint32_t sendq, uint32_t recvq);
/* Tell the node once at most n bytes wait to be sent. */
void endpoint_drain(struct endpoint *, size_t n);
/* Tell the node of each endpoint that has reached its endpoint_drain. */
void endpoint_tell_drained(struct banyand *);
/* Flush and end the stream; the node is told after the step. */
void endpoint_close(struct endpoint *, struct span reason);
/* Tell the node of every endpoint that was closed. */
void endpoint_tell_closed(struct banyand *);
/* Send ERROR to every client, end all streams, and tell the node. */
void endpoint_close_all(struct banyand *, struct span reason);
/* Send ERROR to every gate, end the trunks, and tell the node. */
void endpoint_close_trunks(struct banyand *, struct span reason);
/*
 * Let clients stay connected while the process becomes another program
 * (daemon/stay.h, daemon/takeover.h).
 *
 * endpoint_hold_clients leaves the lines of all clients where they are, in the
 * stream or in the socket. endpoint_release gives the connection of a client
 * away: the endpoint has no stream any more, and what stays is in *k and *rest,
 * whose spans are those of the buffers of the rest. It returns false if the
 * connection cannot stay. endpoint_return takes it back, to be closed.
 * endpoint_fails returns true while the node must still be told of a client
 * whose connection has failed.
 */
void endpoint_hold_clients(struct banyand *);
bool endpoint_fails(const struct banyand *);
bool endpoint_release(struct endpoint *, struct kept_conn *k,
    struct stream_rest *rest);
void endpoint_return(struct endpoint *, struct stream_rest *rest);
/* Make an endpoint of a connection that stays, in the next program, before any
 * other one is made. The endpoint owns the descriptor, which is closed if that
 * fails. The node knows the connection, and has granted it no line. */
bool endpoint_adopt(struct banyand *, const struct kept_conn *);

/* Drop every endpoint at the end of the server, without telling the node. */
void endpoint_drop_all(struct banyand *);
/* Send ERROR to every client, then flush and end all streams. */
void endpoint_end_clients(struct banyand *, struct span reason);

#endif
