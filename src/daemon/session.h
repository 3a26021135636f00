/*
 * session.h - a connection of the node: a stream, the lines in it, and the
 * grants it has. A client or a link; the node names it by slot and generation.
 *
 *	dialling ─┐
 *	          ├─→ open ─→ closing (node asked for it, or the stream ended)
 *	accepted ─┘
 */
#ifndef DAEMON_SESSION_H
#define DAEMON_SESSION_H

#include "daemon/server.h"
#include "wire/frame.h"

struct session {
	struct server *server;
	struct stream *stream; /* NULL when it has ended */
	struct conn_id id;
	bool link;    /* else a client */
	bool open;    /* node knows it */
	bool busy;    /* in consume: not freed */
	bool sniffed; /* first bytes looked at */
	bool tls;
	bool loopback;
	bool counted;  /* in server->opening */
	bool closing;  /* there is one on server->closing */
	uint64_t dial; /* of EFF_DIAL; 0: accepted */
	struct addr addr;
	uint16_t port;	  /* of the listener */
	bool drains;	  /* on server->drained */
	unsigned granted; /* lines a client may hand in */
	uint32_t drain;	  /* told when fewer bytes wait; 0: not asked */
	struct frame frame;
	SLIST_ENTRY(session) drained_link;
};

/* Of a server without any; session_drop_all() is its end. */
void session_init(struct server *);

/* A new connection on a port; the fd is taken, and closed if it is refused. */
void session_accept(struct port *, int fd, const struct sockaddr_storage *);
/* EFF_DIAL; the node hears of how it ends by an event, never from here. */
void session_dial(struct server *, uint64_t dial, struct addr, uint16_t port,
    bool tls, struct span name);

/* Borrowed, or NULL if it is no more. */
struct session *session_find(struct server *, struct conn_id);
/* n more lines may come; those that lie there are offered in this turn or the
 * next. */
void session_grant(struct session *, unsigned n);
/* The node is told once no more than n bytes wait to be sent. */
void session_drain(struct session *, size_t n);
/* Tells it of those for whom nothing waits that long. */
void session_tell_drained(struct server *);
/* Flushes and ends the stream; the node is told after the step. */
void session_close(struct session *, struct span reason);
/* Tells the node of all that were closed. */
void session_tell_closed(struct server *);
/* At the end: drops all, tells nobody. */
void session_drop_all(struct server *);
/* ERROR to all clients, flush. */
void session_end_clients(struct server *, struct span reason);

#endif
